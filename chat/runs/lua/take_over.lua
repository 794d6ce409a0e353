-- Take over a run whose lease has lapsed, raising its generation.
-- KEYS: run, log of the old generation, log of the new one, stop
-- ARGV: turn, old generation, new generation, lease (ms), retention (ms)
-- Returns false, or {text, namespace, state, reply, stopped, epoch, replace_after, '1' if a stop was requested}.
local run = redis.call('HMGET', KEYS[1], 'turn', 'generation', 'lease')
if run[1] ~= ARGV[1] or run[2] ~= ARGV[2] then return false end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(run[3]) > now then return false end
local held = redis.call('HMGET', KEYS[1], 'text', 'namespace', 'state', 'reply', 'stopped', 'epoch', 'replace_after')
redis.call('HSET', KEYS[1], 'generation', ARGV[3], 'lease', now + ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('DEL', KEYS[3])
redis.call('SPUBLISH', KEYS[1] .. ':log', '')
for i = 1, 7 do held[i] = held[i] or '' end
held[8] = tostring(redis.call('EXISTS', KEYS[4]))
return held
