-- Add to a session's counts the tokens of a summary that was not committed.
-- KEYS: 1 state   ARGV: 1 epoch, 2 prompt tokens, 3 completion tokens
-- Returns 1, or 0 if the epoch has changed.
local state = redis.pcall('HMGET', KEYS[1], 'tokens', 'prompt_tokens', 'completion_tokens', 'fold_version', 'epoch')
if state.err or (state[5] and not counts(state, 4)) then
  return DAMAGED
end
if state[5] ~= ARGV[1] then
  return 0
end
-- The memory's answer contains the tokens, so its version has to change.
redis.call('HSET', KEYS[1], 'tokens', sum(sum(state[1], ARGV[2]), ARGV[3]), 'prompt_tokens', sum(state[2], ARGV[2]),
  'completion_tokens', sum(state[3], ARGV[3]), 'fold_version', digits(count(state[4]) + 1))
return 1
