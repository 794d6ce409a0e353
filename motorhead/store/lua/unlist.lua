-- Remove a session from a listing, unless it was active since.
-- KEYS: 1 listing   ARGV: 1 session, 2 time in ms, or '' to ignore its activity
-- Returns 0 if nothing was removed, 1 if the session was, 2 if the listing is now empty.
local active = redis.call('ZSCORE', KEYS[1], ARGV[1])
local unlisted = active and (ARGV[2] == '' or tonumber(active) < tonumber(ARGV[2]))
if unlisted then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return redis.call('EXISTS', KEYS[1]) == 0 and 2 or unlisted and 1 or 0
