-- Take a session off a listing unless it was active since.
-- KEYS: 1 listing   ARGV: 1 session, 2 milliseconds, or '' for whenever it was active
-- Returns 0 if there was nothing to take off, 1 if it was, 2 if nothing is listed now.
local active = redis.call('ZSCORE', KEYS[1], ARGV[1])
local unlisted = active and (ARGV[2] == '' or tonumber(active) < tonumber(ARGV[2]))
if unlisted then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return redis.call('EXISTS', KEYS[1]) == 0 and 2 or unlisted and 1 or 0
