-- Count one less, also if the counter has begun again meanwhile: it is never negative, nor without an end.
-- KEYS: counter   ARGV: seconds after which it begins again
redis.call('SET', KEYS[1], 1, 'EX', ARGV[1], 'NX')
return redis.call('DECR', KEYS[1])
