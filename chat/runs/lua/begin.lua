-- Begin a run, unless the session has one.
-- KEYS: run, done (this turn), log of generation 1, ended (the session's last)
-- ARGV: turn, text, namespace, lease (ms), first entry, the message behind which others are replaced ('': none)
-- Returns {'begun' | 'active' | 'stopping' | 'ended', turn, generation, text} of the new, active or ended run, followed
-- by the milliseconds for which the session's last ended run is still known, or -2 without one.
local known = redis.call('PTTL', KEYS[4])
local active = redis.call('HMGET', KEYS[1], 'turn', 'generation', 'text', 'stopping')
if active[1] then return {active[4] and 'stopping' or 'active', active[1], active[2], active[3], known} end
local done = redis.call('GET', KEYS[2])
if done then return {'ended', ARGV[1], done, ARGV[2], known} end
local time = redis.call('TIME')
local lease = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
-- First: a Redis that is full refuses this, but would let a script go on that has already deleted something.
redis.call('HSET', KEYS[1], 'turn', ARGV[1], 'generation', 1, 'text', ARGV[2], 'namespace', ARGV[3],
  'lease', lease, 'state', 'running', 'replace_after', ARGV[6])
redis.call('DEL', KEYS[3])
redis.call('XADD', KEYS[3], '1-0', 'e', ARGV[5])
redis.call('SPUBLISH', KEYS[1] .. ':bell', '')
return {'begun', ARGV[1], '1', ARGV[2], known}
