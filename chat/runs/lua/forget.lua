-- Forget an ended turn before it expires: its log and its prompt can no longer be read, and its id is free for another
-- turn.
-- A turn that was begun again with the same id is left alone.
-- KEYS: run, ended (the session's last), endings, done (this turn), prompt, logs …
-- ARGV: turn, its member of the endings
if redis.call('HGET', KEYS[1], 'turn') == ARGV[1] then return 0 end
if redis.call('HGET', KEYS[2], 'turn') == ARGV[1] then redis.call('DEL', KEYS[2]) end
redis.call('ZREM', KEYS[3], ARGV[2])
for i = 4, #KEYS do redis.call('DEL', KEYS[i]) end
return 1
