-- Release a run, so that another worker can take it over at once.
-- KEYS: run   ARGV: turn, generation
local run = redis.call('HMGET', KEYS[1], 'turn', 'generation')
if run[1] ~= ARGV[1] or run[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'lease', 0)
redis.call('SPUBLISH', KEYS[1] .. ':log', '')
return 1
