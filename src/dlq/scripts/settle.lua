-- Entries that are stored: acknowledge, delete, take out of the index.
-- KEYS: stream, index.  ARGV: group, then entry, id for each.
for i = 2, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('XDEL', KEYS[1], ARGV[i])
  local known = redis.call('HGET', KEYS[2], ARGV[i + 1])
  if known and string.match(known, '^[^ ]+') == ARGV[i] then
    redis.call('HDEL', KEYS[2], ARGV[i + 1])
  end
end
return redis.call('XLEN', KEYS[1])
