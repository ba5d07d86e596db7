-- Take entries over from consumers that have been silent too long; the caller reads them as its own pending ones.
-- KEYS: stream.  ARGV: group, consumer, idle ms, cursor, count.
-- Replies {next cursor, entries taken}: the first two parts, which Redis 6.2 (two parts) and 7 (three) have in common.
local reply = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'JUSTID')
return {reply[1], #reply[2]}
