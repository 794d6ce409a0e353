-- Stage messages of a session to import in a stream that no reader uses, and that expires.
-- KEYS: 1 staged messages   ARGV: 1 number of the first, 2 milliseconds until the stream expires,
--       3.. messages (JSON, open)
-- Returns 'laid', or 'shared' if other messages are staged already: another import of the session is under way.
local now, number = now_ms(), tonumber(ARGV[1])
if top(KEYS[1]) >= number then
  return 'shared'
end
for i = 3, #ARGV do
  local id = digits(number)
  redis.call('XADD', KEYS[1], id .. '-0', 'm', ARGV[i] .. ',"id":"' .. id .. '","created_at":' .. now .. '}')
  number = number + 1
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'laid'
