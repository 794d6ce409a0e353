-- Count one more in every counter, unless one of them has reached its limit.
-- KEYS: counters   ARGV: seconds after which they begin again, the limit of each
-- Returns the number of the first counter that has (0: none), and the seconds until it begins again.
for i = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[i]) or 0) >= tonumber(ARGV[i + 1]) then
    return {i, redis.call('TTL', KEYS[i])}
  end
end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], 0, 'EX', ARGV[1], 'NX')
  redis.call('INCR', KEYS[i])
end
return {0, 0}
