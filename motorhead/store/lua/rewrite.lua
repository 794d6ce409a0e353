-- Copy a session's messages into a new stream, because the old one remembers a higher number and rejects the next one.
-- KEYS: 1 state, 2 messages, 3 new stream   ARGV: 1 epoch, 2 number of the newest message
-- Does nothing if the epoch has changed or there is a newer message.
local epoch, last = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'last'))
local newer = redis.call('XRANGE', KEYS[2], digits(ARGV[2] + 1), '+', 'COUNT', 1)[1]
if epoch ~= ARGV[1] or (last or '0') ~= ARGV[2] or newer then
  return
end
local from = '-'
repeat
  local page = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', 500)
  for _, entry in ipairs(page) do
    redis.call('XADD', KEYS[3], entry[1], unpack(entry[2]))
    from = '(' .. entry[1]
  end
until #page == 0
redis.call('UNLINK', KEYS[2])
redis.pcall('RENAME', KEYS[3], KEYS[2])  -- fails if there were no messages, which is fine
