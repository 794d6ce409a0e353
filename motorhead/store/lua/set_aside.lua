-- Take a damaged entry out of a stream and keep its bytes, only if the session is still the one that was looked at.
-- KEYS: 1 state, 2 the stream, 3 what was set aside   ARGV: 1 epoch or '', 2 name of the stream, 3 the entry's id
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
local entry = redis.call('XRANGE', KEYS[2], ARGV[3], ARGV[3])[1]
if epoch ~= ARGV[1] or not entry then
  return 0
end
for i = 1, #entry[2], 2 do
  redis.call('HSET', KEYS[3], ARGV[2] .. '/' .. ARGV[3] .. '/' .. entry[2][i], entry[2][i + 1])
end
return redis.call('XDEL', KEYS[2], ARGV[3])
