-- Put what an entry of another form holds into our form, at the end of the stream, and take the entry out.
-- KEYS: stream, index.  ARGV: group, entry, type, id, digest, enqueued_at, last_error, payload.
-- Replies: "adopted" | "known" (its record is queued already, the same) | "conflict" (with other content; nothing is done).
local known = redis.call('HGET', KEYS[2], ARGV[4])
if known and string.match(known, ' (.*)$') ~= ARGV[5] then
  return 'conflict'
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if redis.call('XDEL', KEYS[1], ARGV[2]) == 0 or known then
  return 'known'
end
local entry = redis.call('XADD', KEYS[1], '*', 'type', ARGV[3], 'id', ARGV[4], 'digest', ARGV[5],
  'enqueued_at', ARGV[6], 'attempts', '0', 'due_at', '0', 'last_error', ARGV[7], 'payload', ARGV[8])
redis.call('HSET', KEYS[2], ARGV[4], entry .. ' ' .. ARGV[5])
return 'adopted'
