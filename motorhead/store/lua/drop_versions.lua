-- Remove versions of a session's summary that cannot be restored any more, because messages after them were dropped.
-- KEYS: 1 state, 2 versions   ARGV: 1 epoch, 2.. numbers of versions
-- Returns how many were removed. The newest version, which is the summary, always stays.
local state = redis.pcall('HMGET', KEYS[1], 'versions', 'epoch')
if state.err or (state[2] and not counts(state, 1)) or not is(KEYS[2], 'stream') then
  return DAMAGED
end
if state[2] ~= ARGV[1] then
  return 0
end
local removed = 0
for i = 2, #ARGV do
  if tonumber(ARGV[i]) < count(state[1]) then
    removed = removed + redis.call('XDEL', KEYS[2], ARGV[i] .. '-0')
  end
end
return removed
