-- Remove everything of a session. KEYS: 1 state, 2 messages, 3 namespaces, then all its others.
-- Returns the marks of the namespaces that list it.
local namespaces = redis.call('SMEMBERS', KEYS[3])
redis.call('UNLINK', unpack(KEYS))
return namespaces
