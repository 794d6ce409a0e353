-- Make an older version the summary again, unless the session has changed since it was read.
-- KEYS: 1 state, 2 versions, 3 withdrawn numbers
-- ARGV: 1 epoch, 2 context version (as read), 3 watermark, 4 weight below it, 5 context, 6 version entry (JSON, open)
-- Returns the number of the new version, 0 if the session has changed, -1 if messages above the watermark were dropped.
local state = redis.pcall('HMGET', KEYS[1], 'context_version', 'last', 'kept_from', 'epoch', 'reason', 'versions')
if state.err or (state[4] and not counts(state, 3)) or not is(KEYS[3], 'zset') then
  return DAMAGED
end
if state[4] ~= ARGV[1] or (state[1] or '0') ~= ARGV[2] or tonumber(ARGV[3]) > count(state[2]) then
  return 0
end
if count(state[3]) > tonumber(ARGV[3]) + 1 then
  return -1
end
local version = next_version(KEYS[2], state[6])
if not version then
  return DAMAGED
end
local now, name = now_ms(), digits(version)
redis.call('XADD', KEYS[2], name .. '-0', 'v', ARGV[6] .. ',"through":"' .. ARGV[3] .. '","weight":' .. ARGV[4]
  .. ',"version":' .. name .. ',"created_at":' .. now .. '}')
redis.call('HSET', KEYS[1], 'context', ARGV[5], 'folded', ARGV[3], 'folded_weight', ARGV[4], 'versions', name,
  'context_version', digits(count(state[1]) + 1), 'gaps', above(KEYS[3], ARGV[3]))
if state[5] then
  redis.call('HDEL', KEYS[1], 'reason', 'parked')
end
return version
