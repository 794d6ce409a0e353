-- Count in a session the tokens that were spent on a summary which came to nothing.
-- KEYS: 1 state   ARGV: 1 epoch, 2 prompt tokens, 3 completion tokens
-- Returns 1, or 0 if it is another session by now.
local state = redis.pcall('HMGET', KEYS[1], 'tokens', 'prompt_tokens', 'completion_tokens', 'fold_version', 'epoch')
if state.err or (state[5] and not counts(state, 4)) then
  return DAMAGED
end
if state[5] ~= ARGV[1] then
  return 0
end
-- The memory tells the tokens, so it is another one now.
redis.call('HSET', KEYS[1], 'tokens', sum(sum(state[1], ARGV[2]), ARGV[3]), 'prompt_tokens', sum(state[2], ARGV[2]),
  'completion_tokens', sum(state[3], ARGV[3]), 'fold_version', digits(count(state[4]) + 1))
return 1
