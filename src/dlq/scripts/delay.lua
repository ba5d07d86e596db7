-- Entries that were read before they are due: no longer pending, but listed by due time.
-- XACK comes first: a script that has written is not stopped where Redis is out of memory.
-- KEYS: stream, waiting.  ARGV: group, then entry, due_at for each.
for i = 2, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[i])
end
return #ARGV
