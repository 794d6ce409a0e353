-- Renew a run's lease and write entries to its log. Writing the same entries again changes nothing.
-- KEYS: run, log, stop   ARGV: turn, generation, lease (ms), seq of the first entry, entries …
-- Returns 'ok', 'stop' (a stop was requested) or 'fenced' (the caller no longer owns the run).
local run = redis.call('HMGET', KEYS[1], 'turn', 'generation')
if run[1] ~= ARGV[1] or run[2] ~= ARGV[2] then return 'fenced' end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local written = last[1] and tonumber(string.match(last[1][1], '^%d+')) or 0
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'lease', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3])
for i = 5, #ARGV do
  local number = ARGV[4] + i - 4  -- an entry's id is its seq + 1, since a stream refuses 0-0
  if number > written then redis.call('XADD', KEYS[2], number .. '-0', 'e', ARGV[i]) end
end
if #ARGV > 4 then redis.call('SPUBLISH', KEYS[1] .. ':log', '') end
return redis.call('EXISTS', KEYS[3]) == 1 and 'stop' or 'ok'
