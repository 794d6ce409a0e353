-- Request that a run stops. The request belongs to the turn, so that it survives a take-over. The run is marked as
-- stopping even if the request is too late, for the user's next message to wait for its end (see begin.lua).
-- KEYS: run, stop   ARGV: turn, retention (ms)
-- Returns 1, or 0 if the run's reply is already complete or there is no such run.
local run = redis.call('HMGET', KEYS[1], 'turn', 'state')
if run[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'stopping', '1')
if run[2] == 'committing' then return 0 end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
redis.call('SPUBLISH', KEYS[1] .. ':bell', '')
return 1
