-- Keep something about a run beside its log: what its model was sent, or how it went on.
-- KEYS: run, prompt   ARGV: turn, generation, for how long (ms), field, value …
-- Returns 1, or 0 if the caller no longer owns the run.
local run = redis.call('HMGET', KEYS[1], 'turn', 'generation')
if run[1] ~= ARGV[1] or run[2] ~= ARGV[2] then return 0 end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
