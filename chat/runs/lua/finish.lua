-- Write a run's last entries, release its session and keep the log for a while.
-- KEYS: run, log, ended (the session's last), done (this turn), stop, endings (of the session: 'generation:turn'
-- sorted by the time at which the turn expires)
-- ARGV: turn, generation, retention (ms), seq of the first entry, entries …
-- Returns 'ok' or 'fenced'.
local run = redis.call('HMGET', KEYS[1], 'turn', 'generation', 'text')
if run[1] ~= ARGV[1] or run[2] ~= ARGV[2] then return 'fenced' end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local written = last[1] and tonumber(string.match(last[1][1], '^%d+')) or 0
for i = 5, #ARGV do
  local number = ARGV[4] + i - 4
  if number > written then redis.call('XADD', KEYS[2], number .. '-0', 'e', ARGV[i]) end
end
redis.call('DEL', KEYS[1], KEYS[5])
redis.call('HSET', KEYS[3], 'turn', run[1], 'generation', run[2], 'text', run[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
redis.call('SET', KEYS[4], run[2], 'PX', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', now)
redis.call('ZADD', KEYS[6], now + ARGV[3], run[2] .. ':' .. run[1])
redis.call('PEXPIRE', KEYS[6], ARGV[3])
redis.call('SPUBLISH', KEYS[1] .. ':log', '')
redis.call('SPUBLISH', KEYS[1] .. ':bell', '')
return 'ok'
