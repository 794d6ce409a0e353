-- Turn a staged copy of a session into a session of its own, unless there is one already.
-- KEYS: 1 state, 2 messages, 3 versions, 4 withdrawn numbers, 5 namespaces, then as for begin_copy
-- ARGV: 1 name of this copy, 2 mark of its origin, 3 namespace mark, 4 how many messages, 5 versions and 6 withdrawn
--       numbers were staged, 7.. fields of the state, each with its value
-- Returns 'done', 'again' if the session is of this origin, 'exists' if it is another one, or 'lost' if the staged
-- copy has expired, was deleted, or has been replaced by another one.
local state = redis.pcall('HMGET', KEYS[1], 'epoch', 'origin')
if state.err then
  return refusal(state)
end
if state[1] then
  return state[2] == ARGV[2] and 'again' or 'exists'
end
if redis.call('EXISTS', unpack(KEYS, 1, 5)) > 0 then
  return DAMAGED
end
if redis.call('GET', KEYS[6]) ~= ARGV[1] or redis.call('XLEN', KEYS[7]) ~= tonumber(ARGV[4])
  or redis.call('XLEN', KEYS[8]) ~= tonumber(ARGV[5]) or redis.call('ZCARD', KEYS[9]) ~= tonumber(ARGV[6]) then
  return 'lost'
end
local now = now_ms()
redis.call('HSET', KEYS[1], 'origin', ARGV[2], 'namespace', ARGV[3], 'created', now, 'updated', now, unpack(ARGV, 7))
redis.call('SADD', KEYS[5], ARGV[3])
for i = 2, 4 do
  if redis.call('EXISTS', KEYS[i + 5]) == 1 then
    redis.call('RENAME', KEYS[i + 5], KEYS[i])
    redis.call('PERSIST', KEYS[i])
  end
end
redis.call('UNLINK', KEYS[6])
return 'done'
