-- Remove everything of a session. KEYS: 1 state, 2 messages, 3 namespaces, then all its others.
-- ARGV: 1 (optional) only if it was not active at this time (ms) or later
-- Returns the marks of the namespaces that listed it; nothing at all if it was active.
if ARGV[1] and tonumber(redis.call('HGET', KEYS[1], 'updated') or 0) >= tonumber(ARGV[1]) then
  return false
end
local namespaces = redis.call('SMEMBERS', KEYS[3])
redis.call('UNLINK', unpack(KEYS))
return namespaces
