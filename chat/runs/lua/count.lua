-- Count one more.
-- KEYS: counter   ARGV: seconds after which it begins again
-- Returns the count, and the seconds until it begins again.
redis.call('SET', KEYS[1], 0, 'EX', ARGV[1], 'NX')
return {redis.call('INCR', KEYS[1]), redis.call('TTL', KEYS[1])}
