-- Put a readable text in the place of a damaged one, whose bytes are kept, only if it is still there.
-- KEYS: 1 state, 2 what was set aside   ARGV: 1 field, 2 text as read, 3 its new text
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[2], 'state.' .. ARGV[1], ARGV[2])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3], 'context_version',
  digits((count(redis.call('HGET', KEYS[1], 'context_version')) or 0) + 1))
return 1
