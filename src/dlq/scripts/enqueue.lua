-- Append batches, each whole or not at all.
-- KEYS: stream, index.  ARGV: capacity, deadline, now, type, then for each batch its length, its trace ("" for none) and its id, digest, payload..
-- The deadline (Redis' own clock, ms) makes a command that waited in the socket of a hung Redis harmless:
-- its sender does not wait for it any more.
-- Replies {clock, reply of each batch..}, or {clock} alone after the deadline. The reply of a batch:
-- {"conflict", id..} | {"full", depth} | {"ok", depth, new}.
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
if clock > tonumber(ARGV[2]) then
  return {clock}
end
local depth = redis.call('XLEN', KEYS[1])

local function append(trace, first, last)
  local seen, fresh, conflicts = {}, {}, {}
  for i = first, last, 3 do
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
    return {'conflict', unpack(conflicts)}
  end
  if #fresh > 0 and depth + #fresh > tonumber(ARGV[1]) then
    return {'full', depth}
  end
  for _, i in ipairs(fresh) do
    local fields = {'type', ARGV[4], 'id', ARGV[i], 'digest', ARGV[i + 1], 'enqueued_at', ARGV[3], 'attempts', '0',
      'due_at', '0', 'last_error', '', 'payload', ARGV[i + 2]}
    if trace ~= '' then
      fields[#fields + 1] = 'trace'
      fields[#fields + 1] = trace
    end
    local entry = redis.call('XADD', KEYS[1], '*', unpack(fields))
    redis.call('HSET', KEYS[2], ARGV[i], entry .. ' ' .. ARGV[i + 1])
  end
  if #fresh == 0 and first <= last then
    -- WAIT waits for what its connection wrote: a repetition writes what is there, so that replicas that lack it count.
    redis.call('HSET', KEYS[2], ARGV[first], redis.call('HGET', KEYS[2], ARGV[first]))
  end
  depth = depth + #fresh
  return {'ok', depth, #fresh}
end

local replies, i = {clock}, 5
while i <= #ARGV do
  local last = i + 1 + 3 * tonumber(ARGV[i])
  replies[#replies + 1] = append(ARGV[i + 1], i + 2, last)
  i = last + 1
end
return replies
