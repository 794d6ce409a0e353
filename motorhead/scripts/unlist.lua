-- Take a session off a listing unless it was active since. KEYS: 1 listing   ARGV: 1 session, 2 milliseconds
local active = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not active or tonumber(active) >= tonumber(ARGV[2]) then
  return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
