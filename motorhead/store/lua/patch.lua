-- Change details of a session that do not belong to its memory.
-- KEYS: 1 state   ARGV: 1 epoch the client loaded or '', 2 '1' if the metadata must be as read, 3 the metadata as read
-- or '', 4.. field and new value in turn, '' to remove the field
-- Returns {'ok', epoch}, {'missing'}, {'gone'}, or {'changed'} if the metadata is not as read.
local state = redis.pcall('HMGET', KEYS[1], 'epoch', 'metadata')
if state.err then
  return refusal(state)
end
if not state[1] then
  return {'missing'}
end
if ARGV[1] ~= '' and ARGV[1] ~= state[1] then
  return {'gone'}
end
if ARGV[2] == '1' and (state[2] or '') ~= ARGV[3] then
  return {'changed'}
end
local set, removed = {}, {}
for i = 4, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    removed[#removed + 1] = ARGV[i]
  else
    set[#set + 1] = ARGV[i]
    set[#set + 1] = ARGV[i + 1]
  end
end
if #set > 0 then
  redis.call('HSET', KEYS[1], unpack(set))
end
if #removed > 0 then
  redis.call('HDEL', KEYS[1], unpack(removed))
end
return {'ok', state[1]}
