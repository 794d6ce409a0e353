-- Store in the session why its fold waits, so that every replica can report it.
-- KEYS: 1 state   ARGV: 1 epoch, 2 reason or '', 3 '1' if parked
-- Returns the new fold version, or 0 if nothing was changed.
local state = redis.pcall('HMGET', KEYS[1], 'fold_version', 'epoch', 'reason', 'parked')
if state.err or (state[2] and not counts(state, 1)) then
  return DAMAGED
end
if state[2] ~= ARGV[1] or ((state[3] or '') == ARGV[2] and (state[4] or '0') == ARGV[3]) then
  return 0
end
local version = count(state[1]) + 1
redis.call('HSET', KEYS[1], 'fold_version', digits(version))
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'reason', 'parked')
else
  redis.call('HSET', KEYS[1], 'reason', ARGV[2], 'parked', ARGV[3])
end
return version
