-- Look whether every key of a session is of the kind that belongs there.
-- KEYS: as for delete, the last is what was set aside   ARGV: 1 '1' to mend, then the kind of each key
-- Returns a list of findings, each {what it is, 1 if mended or mendable}.
-- What can be made anew is removed; of the rest Redis's DUMP is set aside.
local ASIDE = #KEYS
local MADE_ANEW = {vectors = true, lease = true, ['index-lease'] = true, rate = true}
local keeps = is(KEYS[ASIDE], 'hash')
local found = {}
for i, key in ipairs(KEYS) do
  if not is(key, ARGV[i + 1]) then
    local name, kind = string.match(key, '}:(.*)$'), redis.call('TYPE', key).ok
    local mendable = MADE_ANEW[name] or keeps
    found[#found + 1] = {'its ' .. name .. ' is a ' .. kind .. ', not a ' .. ARGV[i + 1], mendable and 1 or 0}
    if ARGV[1] == '1' and mendable then
      if not MADE_ANEW[name] then
        redis.call('HSET', KEYS[ASIDE], name, redis.call('DUMP', key))
      end
      redis.call('UNLINK', key)
    end
  end
end
return found
