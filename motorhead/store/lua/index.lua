-- Append vectors, unless the index has changed since it was read, or messages have been withdrawn.
-- KEYS: 1 state, 2 vectors
-- ARGV: 1 epoch, 2 indexed, 3 model, 4 bytes per row, 5 how often messages were withdrawn (all as read), 6 how many
-- messages precede the first row, 7 model of the new rows, 8 bytes per new row, 9 rows per chunk, 10.. rows
-- Returns 1, or 0 if nothing was done.
local FIRST = 10
local state = redis.pcall('HMGET', KEYS[1], 'epoch', 'indexed', 'vector_model', 'vector_size', 'kept_from',
  'withdrawals')
if state.err or not is(KEYS[2], 'hash') then
  return DAMAGED
end
if state[1] ~= ARGV[1] or (state[2] or '0') ~= ARGV[2]
  or (state[3] or '') ~= ARGV[3] or (state[4] or '0') ~= ARGV[4]
  or (state[6] or '0') ~= ARGV[5] then
  return 0
end
local number, size = tonumber(ARGV[6]), tonumber(ARGV[9])
local rebuild = ARGV[3] ~= ARGV[7] or ARGV[4] ~= ARGV[8]
if not rebuild and number < tonumber(ARGV[2]) then
  return 0
end
if rebuild then
  redis.call('UNLINK', KEYS[2])
  redis.call('HSET', KEYS[1], 'vector_model', ARGV[7], 'vector_size', ARGV[8])
end
-- Numbers without a message, as those withdrawn, have rows of zeros, which no search finds.
local function fill(chunk, rows)
  local name = chunk_name(chunk, ARGV[8], ARGV[7])
  local present = redis.call('HGET', KEYS[2], name) or ''
  local gap = ARGV[8] * rows - #present
  if gap > 0 then
    present = present .. string.rep('\0', gap)
  end
  return name, present
end
local begun = math.max(rebuild and 0 or tonumber(ARGV[2]), (count(state[5]) or 1) - 1)
for chunk = math.floor(begun / size), math.floor(number / size) - 1 do
  redis.call('HSET', KEYS[2], fill(chunk, size))
end
local i = FIRST
while i <= #ARGV do
  local chunk, room = math.floor(number / size), size - number % size
  local rows = table.concat(ARGV, '', i, math.min(i + room - 1, #ARGV))
  local name, before = fill(chunk, number % size)
  redis.call('HSET', KEYS[2], name, before .. rows)
  local taken = math.min(room, #ARGV - i + 1)
  number, i = number + taken, i + taken
end
redis.call('HSET', KEYS[1], 'indexed', digits(number))
return 1
