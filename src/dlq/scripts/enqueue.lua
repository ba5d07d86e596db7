-- Append a whole batch or nothing.
-- KEYS: stream, index.  ARGV: capacity, deadline, now, type, then id, digest, payload for each entry.
-- The deadline (Redis' own clock, ms) makes a command that waited in the socket of a hung Redis harmless:
-- its sender has answered 503 "nothing was stored" long ago.
-- Replies: {"expired", clock} | {"conflict", clock, id..} | {"full", clock, depth} | {"ok", clock, depth, new}.
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
if clock > tonumber(ARGV[2]) then
  return {'expired', clock}
end
local seen, fresh, conflicts = {}, {}, {}
for i = 5, #ARGV, 3 do
  local id, digest = ARGV[i], ARGV[i + 1]
  local known = seen[id] or redis.call('HGET', KEYS[2], id)
  if not known then
    seen[id] = '- ' .. digest
    fresh[#fresh + 1] = i
  elseif string.match(known, ' (.*)$') ~= digest then
    conflicts[#conflicts + 1] = id
  end
end
if #conflicts > 0 then
  return {'conflict', clock, unpack(conflicts)}
end
local depth = redis.call('XLEN', KEYS[1])
if #fresh > 0 and depth + #fresh > tonumber(ARGV[1]) then
  return {'full', clock, depth}
end
for _, i in ipairs(fresh) do
  local entry = redis.call('XADD', KEYS[1], '*', 'type', ARGV[4], 'id', ARGV[i], 'digest', ARGV[i + 1],
    'enqueued_at', ARGV[3], 'attempts', '0', 'due_at', '0', 'last_error', '', 'payload', ARGV[i + 2])
  redis.call('HSET', KEYS[2], ARGV[i], entry .. ' ' .. ARGV[i + 1])
end
return {'ok', clock, depth + #fresh, #fresh}
