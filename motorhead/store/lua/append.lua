-- Append messages to a session and set its context, once per idempotency key.
-- KEYS: 1 state, 2 messages, 3 namespaces, 4 idempotency keys, 5 their queue (oldest first), 6 versions
-- ARGV: 1 epoch the client loaded or '', 2 idempotency key or '', 3 digest of the request, 4 epoch for a new session,
--       5 namespace mark, 6 title, 7 '1' if a context is given, 8 the context, 9 its version entry (JSON, open),
--       10 weight of the messages, 11 how long idempotency keys are kept (ms), 12.. messages (JSON, open)
-- Returns {'ok'|'again', epoch, last, folded, weight above the watermark, 1 if the session is new in the namespace}
-- or {'conflict'} or {'gone'}.
local FIRST = 12
local state = redis.pcall('HMGET', KEYS[1], 'last', 'folded', 'weight', 'folded_weight', 'epoch', 'namespace',
  'context_version', 'versions')
if state.err or not counts(state, 4) then
  return DAMAGED
end
local last, folded, weight, folded_weight = count(state[1]), count(state[2]), count(state[3]), count(state[4])
local epoch = state[5]

if ARGV[2] ~= '' then
  if not is(KEYS[4], 'hash') or not is(KEYS[5], 'list') then
    return DAMAGED
  end
  local seen = redis.call('HGET', KEYS[4], ARGV[2])
  if seen then
    if string.match(seen, ' (.*)$') ~= ARGV[3] then
      return {'conflict'}
    end
    return {'again', epoch or '', last, folded, weight - folded_weight}
  end
end
if ARGV[1] ~= '' and ARGV[1] ~= epoch then
  return {'gone'}
end
if #ARGV < FIRST and ARGV[7] == '0' then
  return {'ok', epoch or '', last, folded, weight - folded_weight}
end

local version
if ARGV[7] == '1' then
  version = count(state[7]) and next_version(KEYS[6], state[8])
  if not version then
    return DAMAGED
  end
end
if state[6] ~= ARGV[5] and not is(KEYS[3], 'set') then
  return DAMAGED
end

local now = now_ms()
local changes = {'updated', now}
local function set(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end
if not epoch then
  epoch = ARGV[4]
  set('epoch', epoch)
  set('created', now)
end
if last == 0 and #ARGV >= FIRST then
  set('title', ARGV[6])
end
for i = FIRST, #ARGV do
  last = last + 1
  local id = digits(last)
  -- The first of these is the script's first write. If it fails, nothing has been changed.
  local written = ARGV[i] .. ',"id":"' .. id .. '","created_at":' .. now .. '}'
  local added = redis.pcall('XADD', KEYS[2], id .. '-0', 'm', written)
  if added.err then
    return refusal(added)
  end
end
weight = weight + tonumber(ARGV[10])
set('last', digits(last))
set('weight', digits(weight))
if version then
  local name = digits(version)
  set('versions', name)
  set('context', ARGV[8])
  set('context_version', digits(count(state[7]) + 1))
  redis.call('XADD', KEYS[6], name .. '-0', 'v', ARGV[9] .. ',"through":"' .. digits(folded)
    .. '","weight":' .. digits(folded_weight) .. ',"version":' .. name .. ',"created_at":' .. now .. '}')
end
local recorded = 0
if state[6] ~= ARGV[5] then
  recorded = redis.call('SADD', KEYS[3], ARGV[5])
  set('namespace', ARGV[5])
end
redis.call('HSET', KEYS[1], unpack(changes))
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[2], now .. ' ' .. ARGV[3])
  redis.call('RPUSH', KEYS[5], ARGV[2])
  for _ = 1, 2 do
    local oldest = redis.call('LINDEX', KEYS[5], 0)
    local kept = redis.call('HGET', KEYS[4], oldest)
    if tonumber(string.match(kept or '', '^%d+') or 0) >= tonumber(now) - tonumber(ARGV[11]) then
      break
    end
    redis.call('LPOP', KEYS[5])
    redis.call('HDEL', KEYS[4], oldest)
  end
end
return {'ok', epoch, last, folded, weight - folded_weight, recorded}
