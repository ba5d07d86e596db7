-- Forget consumers that hold nothing and have not asked for long: what is left of processes that died.
-- KEYS: stream.  ARGV: group, idle ms.
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local value = {}
  for i = 1, #consumer, 2 do
    value[consumer[i]] = consumer[i + 1]
  end
  if value.pending == 0 and value.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], value.name)
  end
end
