-- Lay messages of a session that is taken over ready, where nobody reads them. What is left there expires.
-- KEYS: 1 messages that arrive   ARGV: 1 number of the first, 2 milliseconds until it expires,
--       3.. messages (JSON, open)
-- Returns 'laid', or 'shared' if others lie there already: two imports take the session over at once.
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
