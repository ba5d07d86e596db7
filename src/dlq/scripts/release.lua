-- A consumer that ends: hand its pending entries over, old enough for the next sweep to take at once, then remove it.
-- KEYS: stream.  ARGV: group, consumer, heir.
while true do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 500, ARGV[2])
  if #pending == 0 then
    break
  end
  for _, entry in ipairs(pending) do
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, entry[1], 'IDLE', 86400000, 'JUSTID')
  end
end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
