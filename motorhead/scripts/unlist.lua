-- Take a session off a listing unless it was active since.
-- KEYS: 1 listing   ARGV: 1 session, 2 milliseconds, or '' for whenever it was active
-- Returns 0 if it was left, 1 if it was taken off, 2 if it was also the last.
local active = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not active or (ARGV[2] ~= '' and tonumber(active) >= tonumber(ARGV[2])) then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[1])
return 2 - redis.call('EXISTS', KEYS[1])
