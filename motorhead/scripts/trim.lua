-- Drop the oldest messages, only if they are folded, and the chunks of vectors that are theirs alone.
-- KEYS: 1 state, 2 messages, 3 vectors   ARGV: 1 epoch, 2 number of the first message to keep, 3 rows in a chunk
-- Returns how many messages were dropped.
local state = redis.call('HMGET', KEYS[1], 'epoch', 'folded', 'kept_from')
local keep, before = tonumber(ARGV[2]), tonumber(state[3] or 1)
if state[1] ~= ARGV[1] or keep > tonumber(state[2] or 0) + 1 or keep <= before then
  return 0
end
local dropped = redis.call('XTRIM', KEYS[2], 'MINID', '=', ARGV[2] .. '-0')
redis.call('HSET', KEYS[1], 'kept_from', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'fold_version', 1)
for chunk = math.floor((before - 1) / ARGV[3]), math.floor((keep - 1) / ARGV[3]) - 1 do
  redis.call('HDEL', KEYS[3], string.format('%.0f', chunk))
end
return dropped
