-- Move an entry to the dead letters, its fields as they are (they may be unreadable).
-- KEYS: stream, index, dead letters, their index.  ARGV: group, entry, now, attempts, last_error.
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if #found == 0 then
  return false
end
local fields, id, dead = found[1][2], nil, {'dead_at', ARGV[3], 'attempts', ARGV[4], 'last_error', ARGV[5]}
for i = 1, #fields, 2 do
  if fields[i] == 'id' then
    id = fields[i + 1]
  end
  if fields[i] ~= 'attempts' and fields[i] ~= 'last_error' and fields[i] ~= 'dead_at' and fields[i] ~= 'due_at' then
    dead[#dead + 1] = fields[i]
    dead[#dead + 1] = fields[i + 1]
  end
end
redis.call('XDEL', KEYS[1], ARGV[2])
local letter = redis.call('XADD', KEYS[3], '*', unpack(dead))
if id then
  redis.call('HSET', KEYS[4], id, letter)
  local known = redis.call('HGET', KEYS[2], id)
  if known and string.match(known, '^[^ ]+') == ARGV[2] then
    redis.call('HDEL', KEYS[2], id)
  end
end
return letter
