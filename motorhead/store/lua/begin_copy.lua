-- Begin to stage a copy of a session, in place of any other copy under way.
-- KEYS: 1 name of the copy under way, 2 its messages, 3 its versions, 4 its withdrawn numbers
-- ARGV: 1 name of this copy, 2 milliseconds until it expires
redis.call('UNLINK', unpack(KEYS))
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
