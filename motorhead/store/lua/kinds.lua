-- Look whether every key of a session is of the kind that belongs there.
-- KEYS: as for delete, the last is what was set aside   ARGV: 1 '1' to mend, then the kind of each key
-- Returns what is wrong, as texts. All of it can be mended: what is made anew is removed, of the rest the DUMP is set
-- aside.
local MADE_ANEW = {vectors = true, lease = true, ['index-lease'] = true, rate = true}
local ASIDE = KEYS[#KEYS]
local found = {}
for i = #KEYS, 1, -1 do -- the last first, so that there is something to set the others aside in
  local key, kind = KEYS[i], ARGV[i + 1]
  if not is(key, kind) then
    local name = string.match(key, '}:(.*)$')
    found[#found + 1] = 'its ' .. name .. ' is a ' .. redis.call('TYPE', key).ok .. ', not a ' .. kind
    if ARGV[1] == '1' then
      local bytes = redis.call('DUMP', key)
      redis.call('UNLINK', key)
      if not MADE_ANEW[name] then
        redis.call('HSET', ASIDE, name, bytes)
      end
    end
  end
end
return found
