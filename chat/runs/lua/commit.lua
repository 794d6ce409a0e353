-- Record the reply before it is appended to the memory. From then on the append may be repeated, but not the reply.
-- KEYS: run, stop   ARGV: turn, generation, lease (ms), reply, stopped ('1' or '0'), epoch
-- Returns 'ok', 'stop' (the user stopped it first) or 'fenced'.
local run = redis.call('HMGET', KEYS[1], 'turn', 'generation')
if run[1] ~= ARGV[1] or run[2] ~= ARGV[2] then return 'fenced' end
if ARGV[5] == '0' and redis.call('EXISTS', KEYS[2]) == 1 then return 'stop' end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'state', 'committing', 'reply', ARGV[4], 'stopped', ARGV[5], 'epoch', ARGV[6],
  'lease', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3])
return 'ok'
