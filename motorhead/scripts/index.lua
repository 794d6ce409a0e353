-- Append vectors, only if the index is as it was read.
-- KEYS: 1 state, 2 vectors   ARGV: 1 epoch, 2 indexed, 3 model (as read), 4 messages before the first row, 5 model of the
-- rows, 6 rows in a chunk, 7.. rows
local state = redis.pcall('HMGET', KEYS[1], 'epoch', 'indexed', 'vector_model')
if state.err or not is(KEYS[2], 'hash') then
  return DAMAGED
end
if state[1] ~= ARGV[1] or (state[2] or '0') ~= ARGV[2] or (state[3] or '') ~= ARGV[3] then
  return 0
end
if ARGV[3] ~= ARGV[5] then
  redis.call('UNLINK', KEYS[2])
  redis.call('HSET', KEYS[1], 'vector_model', ARGV[5])
end
local number, size = tonumber(ARGV[4]), tonumber(ARGV[6])
local i = 7
while i <= #ARGV do
  local chunk, room = math.floor(number / size), size - number % size
  local rows = table.concat(ARGV, '', i, math.min(i + room - 1, #ARGV))
  local name = digits(chunk)
  local before = redis.call('HGET', KEYS[2], name) or ''
  local gap = #ARGV[i] * (number % size) - #before
  if gap > 0 then
    before = before .. string.rep('\0', gap)
  end
  redis.call('HSET', KEYS[2], name, before .. rows)
  local taken = math.min(room, #ARGV - i + 1)
  number, i = number + taken, i + taken
end
redis.call('HSET', KEYS[1], 'indexed', digits(number))
return 1
