-- Delete a session, damaged or not. KEYS: 1 state, 2 messages, 3 namespaces, then all its other keys
-- ARGV: 1 (optional) only if the session was not active at this time (ms) or later and is not damaged
-- Returns the marks of the namespaces that listed it, or false if it was not deleted.
if ARGV[1] then
  local updated = is(KEYS[1], 'hash') and count(redis.call('HGET', KEYS[1], 'updated'))
  if not updated or updated >= tonumber(ARGV[1]) then
    return false
  end
end
local namespaces = is(KEYS[3], 'set') and redis.call('SMEMBERS', KEYS[3]) or {}
redis.call('UNLINK', unpack(KEYS))
return namespaces
