-- Where the records with these ids are.
-- KEYS: stream, index, dead letters, their index.  ARGV: ids.
-- Replies for each id: {"queued"|"dead_letter", field, value, ..} | {}.
local replies = {}
for i, id in ipairs(ARGV) do
  local state, found = 'queued', nil
  local known = redis.call('HGET', KEYS[2], id)
  if known then
    local entry = string.match(known, '^[^ ]+')
    found = redis.call('XRANGE', KEYS[1], entry, entry)
  else
    local letter = redis.call('HGET', KEYS[4], id)
    if letter then
      state, found = 'dead_letter', redis.call('XRANGE', KEYS[3], letter, letter)
    end
  end
  replies[i] = {}
  if found and #found > 0 then
    replies[i] = {state, found[1][1], found[1][2]}
  end
end
return replies
