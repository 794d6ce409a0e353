-- Turn staged messages into a session, or append them to a session that was imported before.
-- KEYS: 1 state, 2 messages, 3 namespaces, 4 versions, 5 staged messages
-- ARGV: 1 number of the newest message here (0: the session must not exist), 2 epoch for a new session,
--       3 how many messages are staged, 4 title, 5 their weight, 6 tokens spent, 7 record of the import (JSON),
--       8 '1' if there is a summary, 9 the summary, 10 its version entry (JSON, open), 11.. namespace marks
-- Returns 'done', 'changed' if the session has changed since it was read, or 'lost' if the staged messages are gone.
local state = redis.pcall('HMGET', KEYS[1], 'last', 'weight', 'epoch')
if state.err or not counts(state, 2) or not is(KEYS[5], 'stream') then
  return DAMAGED
end
local before, arriving = tonumber(ARGV[1]), tonumber(ARGV[3])
local new = before == 0 and not state[3]
if count(state[1]) ~= before or (new and redis.call('EXISTS', unpack(KEYS, 1, 4)) > 0)
  or (not new and not state[3]) then
  return 'changed'
end
if redis.call('XLEN', KEYS[5]) ~= arriving then
  return 'lost'
end

local now = now_ms()
if new then
  if arriving > 0 then
    redis.call('RENAME', KEYS[5], KEYS[2])
    redis.call('PERSIST', KEYS[2])
    redis.call('HSET', KEYS[1], 'title', ARGV[4])
  end
  redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'created', now, 'tokens', ARGV[6], 'namespace', ARGV[11])
  for first = 11, #ARGV, 1000 do -- Lua can unpack only a few thousand values
    redis.call('SADD', KEYS[3], unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
  if ARGV[8] == '1' then
    redis.call('HSET', KEYS[1], 'context', ARGV[9], 'context_version', '1', 'versions', '1')
    local version = ARGV[10] .. ',"through":"0","weight":0,"version":1,"created_at":' .. now .. '}'
    redis.call('XADD', KEYS[4], '1-0', 'v', version)
  end
else
  local from = '-'
  repeat
    local page = redis.call('XRANGE', KEYS[5], from, '+', 'COUNT', 500)
    for _, entry in ipairs(page) do
      -- The first of these is the script's first write, as in append.
      local added = redis.pcall('XADD', KEYS[2], entry[1], unpack(entry[2]))
      if added.err then
        return refusal(added)
      end
      from = '(' .. entry[1]
    end
  until #page < 500
  redis.call('UNLINK', KEYS[5])
end
redis.call('HSET', KEYS[1], 'last', digits(before + arriving), 'updated', now, 'imported', ARGV[7],
  'weight', digits(count(state[2]) + tonumber(ARGV[5])))
return 'done'
