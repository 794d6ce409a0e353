-- Remove everything of a session, damaged or not. KEYS: 1 state, 2 messages, 3 namespaces, then all its others.
-- ARGV: 1 (optional) only if it was not active at this time (ms) or later; of a damaged one that is not known
-- Returns the marks of the namespaces that listed it; nothing at all if it was active.
if ARGV[1] then
  local updated = is(KEYS[1], 'hash') and count(redis.call('HGET', KEYS[1], 'updated'))
  if not updated or updated >= tonumber(ARGV[1]) then
    return false
  end
end
local namespaces = is(KEYS[3], 'set') and redis.call('SMEMBERS', KEYS[3]) or {}
redis.call('UNLINK', unpack(KEYS))
return namespaces
