-- Delete a dead letter for good.
-- KEYS: dead letters, their index.  ARGV: letter.
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if #found == 0 then
  return 0
end
local fields = found[1][2]
for i = 1, #fields, 2 do
  if fields[i] == 'id' and redis.call('HGET', KEYS[2], fields[i + 1]) == ARGV[1] then
    redis.call('HDEL', KEYS[2], fields[i + 1])
  end
end
return redis.call('XDEL', KEYS[1], ARGV[1])
