-- Replace messages by their summary, unless anything that the summary was made from has changed.
-- KEYS: 1 state, 2 versions, 3 withdrawn numbers
-- ARGV: 1 epoch, 2 watermark, 3 context version (all as read), 4 new watermark, 5 context, 6 tokens spent,
--       7 weight of the folded messages, 8 version entry (JSON, open), 9 prompt tokens, 10 completion tokens
-- Returns the number of the new version, or 0 if nothing was done.
local state = redis.pcall('HMGET', KEYS[1], 'folded', 'context_version', 'last', 'folded_weight', 'tokens',
  'prompt_tokens', 'completion_tokens', 'fold_version', 'epoch', 'reason', 'versions', 'reached')
if state.err or (state[9] and not counts(state, 8)) or not is(KEYS[3], 'zset') then
  return DAMAGED
end
if state[9] ~= ARGV[1] or (state[1] or '0') ~= ARGV[2] or (state[2] or '0') ~= ARGV[3] then
  return 0
end
if tonumber(ARGV[4]) > count(state[3]) or tonumber(ARGV[4]) <= tonumber(ARGV[2]) then
  return 0
end
local version = next_version(KEYS[2], state[11])
if not version then
  return DAMAGED
end
local now, name = now_ms(), digits(version)
local folded_weight = sum(state[4], ARGV[7])
redis.call('XADD', KEYS[2], name .. '-0', 'v', ARGV[8] .. ',"through":"' .. ARGV[4] .. '","weight":' .. folded_weight
  .. ',"version":' .. name .. ',"created_at":' .. now .. '}')
redis.call('HSET', KEYS[1], 'context', ARGV[5], 'folded', ARGV[4], 'folded_at', now, 'folded_weight', folded_weight,
  'versions', name, 'context_version', digits(count(state[2]) + 1), 'gaps', above(KEYS[3], ARGV[4]),
  'reached', digits(math.max(count(state[12]) or 0, tonumber(ARGV[4]))), 'tokens', sum(state[5], ARGV[6]),
  'prompt_tokens', sum(state[6], ARGV[9]), 'completion_tokens', sum(state[7], ARGV[10]))
if state[10] then
  redis.call('HDEL', KEYS[1], 'reason', 'parked')
  redis.call('HSET', KEYS[1], 'fold_version', digits(count(state[8]) + 1))
end
return version
