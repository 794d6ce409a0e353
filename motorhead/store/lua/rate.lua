-- Count one append against a session's allowance, which refills evenly.
-- KEYS: 1 rate   ARGV: 1 appends a minute
-- Returns 0 if the append is allowed, else the milliseconds until it is. The key holds the time when the allowance is
-- full again.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local each = 60000 / tonumber(ARGV[1])
local full = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now) + each
if full - now > 60000 then
  return math.ceil(full - now - 60000)
end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', 60000)
return 0
