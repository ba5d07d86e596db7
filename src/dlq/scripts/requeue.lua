-- Put a dead letter back into the queue, with all its attempts before it.
-- KEYS: stream, index, dead letters, their index.  ARGV: letter, capacity.
-- Replies: "replayed" | "missing" | "full" | "conflict" | "unreadable".
local found = redis.call('XRANGE', KEYS[3], ARGV[1], ARGV[1])
if #found == 0 then
  return 'missing'
end
local value, fields = {}, found[1][2]
for i = 1, #fields, 2 do
  value[fields[i]] = fields[i + 1]
end
if not (value.id and value.digest and value.payload and value.type and value.enqueued_at) then
  return 'unreadable'
end
local known = redis.call('HGET', KEYS[2], value.id)
if known and string.match(known, ' (.*)$') ~= value.digest then
  return 'conflict'
end
if not known then
  if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[2]) then
    return 'full'
  end
  local entry = redis.call('XADD', KEYS[1], '*', 'type', value.type, 'id', value.id, 'digest', value.digest,
    'enqueued_at', value.enqueued_at, 'attempts', '0', 'due_at', '0', 'last_error', value.last_error or '',
    'payload', value.payload)
  redis.call('HSET', KEYS[2], value.id, entry .. ' ' .. value.digest)
end
redis.call('XDEL', KEYS[3], ARGV[1])
if redis.call('HGET', KEYS[4], value.id) == ARGV[1] then
  redis.call('HDEL', KEYS[4], value.id)
end
return 'replayed'
