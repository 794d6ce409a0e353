-- Append messages to a session and set its context, once per idempotency key.
-- KEYS: 1 state, 2 messages, 3 namespaces, 4 idempotency keys, 5 their queue (oldest first), 6 versions
-- ARGV: 1 epoch the client loaded or '', 2 idempotency key or '', 3 digest of the request, 4 epoch for a new session,
--       5 namespace mark, 6 title, 7 '1' if a context is given, 8 that context, 9 its version entry (JSON, open),
--       10 weight of the messages, 11 how long idempotency keys are kept (ms), 12.. messages (JSON, open)
-- Returns {'ok'|'again', epoch, last, folded, weight above the watermark} or {'conflict'} or {'gone'}.
local FIRST = 12
local state = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'folded', 'namespace', 'weight', 'folded_weight', 'context_version')
local epoch = state[1]
local last = tonumber(state[2] or 0)
local folded = tonumber(state[3] or 0)
local weight = tonumber(state[5] or 0)
local folded_weight = tonumber(state[6] or 0)

if ARGV[2] ~= '' then
  local seen = redis.call('HGET', KEYS[4], ARGV[2])
  if seen then
    if string.match(seen, ' (.*)$') ~= ARGV[3] then
      return {'conflict'}
    end
    return {'again', epoch, last, folded, weight - folded_weight}
  end
end
if ARGV[1] ~= '' and ARGV[1] ~= epoch then
  return {'gone'}
end
if #ARGV < FIRST and ARGV[7] == '0' then
  return {'ok', epoch or '', last, folded, weight - folded_weight}
end

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if not epoch then
  epoch = ARGV[4]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'created', now)
end
if last == 0 and #ARGV >= FIRST then
  redis.call('HSET', KEYS[1], 'title', ARGV[6])
end
for i = FIRST, #ARGV do
  last = last + 1
  local id = string.format('%.0f', last)
  redis.call('XADD', KEYS[2], id .. '-0', 'm', ARGV[i] .. ',"id":"' .. id .. '","created_at":' .. now .. '}')
end
weight = weight + tonumber(ARGV[10])
redis.call('HSET', KEYS[1], 'last', string.format('%.0f', last), 'updated', now, 'weight', string.format('%.0f', weight))
if ARGV[7] == '1' then
  local version = redis.call('HINCRBY', KEYS[1], 'versions', 1)
  redis.call('HSET', KEYS[1], 'context', ARGV[8])
  redis.call('HINCRBY', KEYS[1], 'context_version', 1)
  redis.call('XADD', KEYS[6], version .. '-0', 'v', ARGV[9] .. ',"through":"' .. string.format('%.0f', folded)
    .. '","weight":' .. string.format('%.0f', folded_weight) .. ',"version":' .. version .. ',"created_at":' .. now .. '}')
end
if state[4] ~= ARGV[5] then
  redis.call('SADD', KEYS[3], ARGV[5])
  redis.call('HSET', KEYS[1], 'namespace', ARGV[5])
end
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[2], now .. ' ' .. ARGV[3])
  redis.call('RPUSH', KEYS[5], ARGV[2])
  for _ = 1, 2 do
    local oldest = redis.call('LINDEX', KEYS[5], 0)
    local kept = redis.call('HGET', KEYS[4], oldest)
    if tonumber(string.match(kept or '0', '^%d+')) >= tonumber(now) - tonumber(ARGV[11]) then
      break
    end
    redis.call('LPOP', KEYS[5])
    redis.call('HDEL', KEYS[4], oldest)
  end
end
return {'ok', epoch, last, folded, weight - folded_weight}
