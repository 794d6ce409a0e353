-- Make an older version the summary again, only if nothing has changed since it was looked up.
-- KEYS: 1 state, 2 versions
-- ARGV: 1 epoch, 2 context version (as read), 3 watermark, 4 weight below it, 5 context, 6 version entry (JSON, open)
-- Returns the number of the new version, 0 if the session changed, -1 if messages above that watermark are dropped.
local state = redis.call('HMGET', KEYS[1], 'epoch', 'context_version', 'last', 'kept_from', 'reason')
if state[1] ~= ARGV[1] or (state[2] or '0') ~= ARGV[2] or tonumber(ARGV[3]) > tonumber(state[3] or 0) then
  return 0
end
if tonumber(state[4] or 1) > tonumber(ARGV[3]) + 1 then
  return -1
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local version = redis.call('HINCRBY', KEYS[1], 'versions', 1)
redis.call('HSET', KEYS[1], 'context', ARGV[5], 'folded', ARGV[3], 'folded_weight', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'context_version', 1)
if state[5] then
  redis.call('HDEL', KEYS[1], 'reason', 'parked')
end
redis.call('XADD', KEYS[2], version .. '-0', 'v', ARGV[6] .. ',"through":"' .. ARGV[3] .. '","weight":' .. ARGV[4]
  .. ',"version":' .. version .. ',"created_at":' .. now .. '}')
return version
