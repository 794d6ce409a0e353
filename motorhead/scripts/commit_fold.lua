-- Put a summary in the place of the messages it tells, only if nothing that it was made from has changed.
-- KEYS: 1 state, 2 versions
-- ARGV: 1 epoch, 2 watermark, 3 context version (all as read), 4 new watermark, 5 context, 6 tokens spent,
--       7 weight of the folded messages, 8 version entry (JSON, open), 9 prompt tokens, 10 completion tokens
-- Returns the number of the new version, or 0 if nothing was done.
local state = redis.call('HMGET', KEYS[1], 'epoch', 'folded', 'context_version', 'last', 'folded_weight', 'reason')
if state[1] ~= ARGV[1] or (state[2] or '0') ~= ARGV[2] or (state[3] or '0') ~= ARGV[3] then
  return 0
end
if tonumber(ARGV[4]) > tonumber(state[4]) or tonumber(ARGV[4]) <= tonumber(ARGV[2]) then
  return 0
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local folded_weight = string.format('%.0f', tonumber(state[5] or 0) + tonumber(ARGV[7]))
local version = redis.call('HINCRBY', KEYS[1], 'versions', 1)
redis.call('HSET', KEYS[1], 'context', ARGV[5], 'folded', ARGV[4], 'folded_at', now, 'folded_weight', folded_weight)
redis.call('HINCRBY', KEYS[1], 'context_version', 1)
redis.call('HINCRBY', KEYS[1], 'tokens', ARGV[6])
redis.call('HINCRBY', KEYS[1], 'prompt_tokens', ARGV[9])
redis.call('HINCRBY', KEYS[1], 'completion_tokens', ARGV[10])
if state[6] then
  redis.call('HDEL', KEYS[1], 'reason', 'parked')
  redis.call('HINCRBY', KEYS[1], 'fold_version', 1)
end
redis.call('XADD', KEYS[2], version .. '-0', 'v', ARGV[8] .. ',"through":"' .. ARGV[4] .. '","weight":' .. folded_weight
  .. ',"version":' .. version .. ',"created_at":' .. now .. '}')
return version
