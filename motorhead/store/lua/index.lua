-- Append vectors, unless the index has changed since it was read.
-- KEYS: 1 state, 2 vectors   ARGV: 1 epoch, 2 indexed, 3 model, 4 bytes per row (all as read), 5 how many messages
-- precede the first row, 6 model of the new rows, 7 bytes per new row, 8 rows per chunk, 9.. rows
-- Returns 1, or 0 if nothing was done.
local FIRST = 9
local state = redis.pcall('HMGET', KEYS[1], 'epoch', 'indexed', 'vector_model', 'vector_size')
if state.err or not is(KEYS[2], 'hash') then
  return DAMAGED
end
if state[1] ~= ARGV[1] or (state[2] or '0') ~= ARGV[2]
  or (state[3] or '') ~= ARGV[3] or (state[4] or '0') ~= ARGV[4] then
  return 0
end
local number, size = tonumber(ARGV[5]), tonumber(ARGV[8])
local rebuild = ARGV[3] ~= ARGV[6] or ARGV[4] ~= ARGV[7]
if not rebuild and number < tonumber(ARGV[2]) then
  return 0
end
if rebuild then
  redis.call('UNLINK', KEYS[2])
  redis.call('HSET', KEYS[1], 'vector_model', ARGV[6], 'vector_size', ARGV[7])
end
local i = FIRST
while i <= #ARGV do
  local chunk, room = math.floor(number / size), size - number % size
  local rows = table.concat(ARGV, '', i, math.min(i + room - 1, #ARGV))
  local name = chunk_name(chunk, ARGV[7], ARGV[6])
  local before = redis.call('HGET', KEYS[2], name) or ''
  local gap = ARGV[7] * (number % size) - #before
  if gap > 0 then
    before = before .. string.rep('\0', gap)
  end
  redis.call('HSET', KEYS[2], name, before .. rows)
  local taken = math.min(room, #ARGV - i + 1)
  number, i = number + taken, i + taken
end
redis.call('HSET', KEYS[1], 'indexed', digits(number))
return 1
