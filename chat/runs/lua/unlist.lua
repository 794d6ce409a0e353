-- Remove a session from the list of those with a run, unless it has been listed again since its score was read.
-- KEYS: list   ARGV: session, score
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score and tonumber(score) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
