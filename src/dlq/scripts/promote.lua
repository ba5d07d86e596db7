-- Delayed entries whose time has come: append them anew, so that any reader gets them.
-- KEYS: stream, index, waiting.  ARGV: now, limit.
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, old in ipairs(due) do
  redis.call('ZREM', KEYS[3], old)
  local found = redis.call('XRANGE', KEYS[1], old, old)
  if #found > 0 then
    local fields, id = found[1][2], nil
    for i = 1, #fields, 2 do
      if fields[i] == 'due_at' then
        fields[i + 1] = '0'
      elseif fields[i] == 'id' then
        id = fields[i + 1]
      end
    end
    redis.call('XDEL', KEYS[1], old)
    local entry = redis.call('XADD', KEYS[1], '*', unpack(fields))
    local known = id and redis.call('HGET', KEYS[2], id)
    if known and string.match(known, '^[^ ]+') == old then
      redis.call('HSET', KEYS[2], id, entry .. string.match(known, ' .*$'))
    end
  end
end
return #due
