-- Count one less in every counter, also if it has begun again meanwhile: it is never negative, nor without an end.
-- KEYS: counters   ARGV: seconds after which they begin again
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], 1, 'EX', ARGV[1], 'NX')
  redis.call('DECR', KEYS[i])
end
return #KEYS
