-- Note in the session why its fold waits, so that every replica can say so.
-- KEYS: 1 state   ARGV: 1 epoch, 2 reason or '', 3 '1' if parked
local state = redis.call('HMGET', KEYS[1], 'epoch', 'reason', 'parked')
if state[1] ~= ARGV[1] or ((state[2] or '') == ARGV[2] and (state[3] or '0') == ARGV[3]) then
  return 0
end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'reason', 'parked')
else
  redis.call('HSET', KEYS[1], 'reason', ARGV[2], 'parked', ARGV[3])
end
return redis.call('HINCRBY', KEYS[1], 'fold_version', 1)
