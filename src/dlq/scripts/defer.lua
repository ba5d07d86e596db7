-- An entry that failed alone: put it at the end of the stream with its new due time.
-- KEYS: stream, index.  ARGV: group, entry, attempts, due_at, last_error.
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if #found == 0 then
  return false
end
local changed = {attempts = ARGV[3], due_at = ARGV[4], last_error = ARGV[5]}
local fields, id = found[1][2], nil
for i = 1, #fields, 2 do
  fields[i + 1] = changed[fields[i]] or fields[i + 1]
  if fields[i] == 'id' then
    id = fields[i + 1]
  end
end
redis.call('XDEL', KEYS[1], ARGV[2])
local entry = redis.call('XADD', KEYS[1], '*', unpack(fields))
local known = id and redis.call('HGET', KEYS[2], id)
if known and string.match(known, '^[^ ]+') == ARGV[2] then
  redis.call('HSET', KEYS[2], id, entry .. string.match(known, ' .*$'))
end
return entry
