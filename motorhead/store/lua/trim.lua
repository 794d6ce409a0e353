-- Drop the oldest messages if they are folded, and the chunks of vectors that belong to them alone.
-- KEYS: 1 state, 2 messages, 3 vectors, 4 withdrawn numbers
-- ARGV: 1 epoch, 2 number of the first message to keep, 3 rows per chunk
-- Returns how many messages were dropped.
local state = redis.pcall('HMGET', KEYS[1], 'folded', 'fold_version', 'kept_from', 'epoch',
  'vector_size', 'vector_model')
if state.err or (state[4] and not counts(state, 3)) or not is(KEYS[2], 'stream') or not is(KEYS[3], 'hash')
  or not is(KEYS[4], 'zset') then
  return DAMAGED
end
local keep, before = tonumber(ARGV[2]), state[3] and count(state[3]) or 1
if state[4] ~= ARGV[1] or keep > count(state[1]) + 1 or keep <= before then
  return 0
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', '(' .. ARGV[2])
local dropped = redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[2] .. '-0')
redis.call('HSET', KEYS[1], 'kept_from', ARGV[2], 'fold_version', digits(count(state[2]) + 1))
for chunk = math.floor((before - 1) / ARGV[3]), math.floor((keep - 1) / ARGV[3]) - 1 do
  redis.call('HDEL', KEYS[3], chunk_name(chunk, state[5] or '', state[6] or ''))
end
return dropped
