-- Forget a turn that has ended, before its time: its log can be read no more, and its id is free for another turn.
-- A turn that was begun anew under the same id is left alone.
-- KEYS: run, ended (the session's latest), endings, done (this turn), logs …
-- ARGV: turn, its member of the endings
if redis.call('HGET', KEYS[1], 'turn') == ARGV[1] then return 0 end
if redis.call('HGET', KEYS[2], 'turn') == ARGV[1] then redis.call('DEL', KEYS[2]) end
redis.call('ZREM', KEYS[3], ARGV[2])
for i = 4, #KEYS do redis.call('DEL', KEYS[i]) end
return 1
