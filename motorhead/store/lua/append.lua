-- Append messages to a session and set its context, once per idempotency key; perhaps in place of its newest messages.
-- KEYS: 1 state, 2 messages, 3 namespaces, 4 idempotency keys, 5 their queue (oldest first), 6 versions, 7 vectors,
--       8 withdrawn numbers
-- ARGV: 1 epoch the client loaded or '', 2 idempotency key or '', 3 digest of the request, 4 epoch for a new session,
--       5 namespace mark, 6 title, 7 '1' if a context is given, 8 the context, 9 its version entry (JSON, open),
--       10 weight of the messages, 11 how long idempotency keys are kept (ms), 12 number of the message behind which
--       all are withdrawn, or '', 13 number of the newest message and count of withdrawals, and 14 weight of the
--       messages to withdraw (all as read),
--       15 rows per chunk of vectors, 16 tag that the summary must have, or '', 17 number of the last message that
--       the context of a new session covers, or '', and 18 weight of the messages up to there,
--       19.. messages (JSON, open)
-- Returns {'ok'|'again', epoch, last, folded, weight above the watermark, 1 if the session is new in the namespace,
-- how many numbers above the watermark are withdrawn}, or {why nothing was done}: 'conflict', 'gone', 'folded',
-- 'no such message', 'exists', 'other summary', or 'changed' if the newest message is not as read.
local FIRST = 19
local state = redis.pcall('HMGET', KEYS[1], 'last', 'folded', 'weight', 'folded_weight', 'gaps', 'indexed',
  'vector_size', 'withdrawals', 'context_version', 'versions', 'epoch', 'namespace', 'reached', 'vector_model')
if state.err or not counts(state, 5) then
  return DAMAGED
end
local last, folded, weight, folded_weight = count(state[1]), count(state[2]), count(state[3]), count(state[4])
local gaps, context_version, epoch = count(state[5]), count(state[9]), state[11]
local messages = #ARGV - FIRST + 1

if ARGV[2] ~= '' then
  if not is(KEYS[4], 'hash') or not is(KEYS[5], 'list') then
    return DAMAGED
  end
  local seen = redis.call('HGET', KEYS[4], ARGV[2])
  if seen then
    if string.match(seen, ' (.*)$') ~= ARGV[3] then
      return {'conflict'}
    end
    return {'again', epoch or '', last, folded, weight - folded_weight, 0, gaps}
  end
end
if ARGV[1] ~= '' and ARGV[1] ~= epoch then
  return {'gone'}
end
if ARGV[17] ~= '' and (epoch or last > 0) then
  return {'exists'}
end
local keep = ARGV[12] ~= '' and tonumber(ARGV[12])
if keep then
  if keep < folded then
    return {'folded'}
  end
  if not (counts(state, 9) and is(KEYS[2], 'stream') and is(KEYS[6], 'stream') and is(KEYS[7], 'hash')
    and is(KEYS[8], 'zset')) then
    return DAMAGED
  end
  local there = keep == folded or #redis.call('XRANGE', KEYS[2], ARGV[12], ARGV[12]) > 0
  if keep > last or not there then
    return {'no such message'}
  end
  if digits(last) .. '/' .. digits(count(state[8])) ~= ARGV[13] then
    return {'changed'}
  end
end
if ARGV[7] == '1' and ARGV[16] ~= '' and ARGV[16] ~= (epoch or '') .. '-' .. digits(context_version or 0) then
  return {'other summary'}
end
if messages == 0 and ARGV[7] == '0' and not (keep and keep < last) then
  return {'ok', epoch or '', last, folded, weight - folded_weight, 0, gaps}
end

local version
if ARGV[7] == '1' then
  version = context_version and next_version(KEYS[6], state[10])
  if not version then
    return DAMAGED
  end
end
if state[12] ~= ARGV[5] and not is(KEYS[3], 'set') then
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
if keep == 0 or (messages > 0 and folded == 0 and last == gaps) then
  set('title', ARGV[6])
end
local before = last
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
if keep and keep < before then
  gaps = gaps + withdraw(KEYS[2], KEYS[8], keep, before)
  weight = math.max(weight - tonumber(ARGV[14]), folded_weight)
  local indexed = count(state[6])
  if indexed > keep then
    cut_vectors(KEYS[7], keep, indexed, tonumber(ARGV[15]), state[7] or '', state[14] or '')
    set('indexed', digits(keep))
  end
  if not state[13] or (count(state[13]) or LARGEST) > keep then
    drop_versions(KEYS[6], keep)
    set('reached', digits(keep))
  end
  context_version = context_version + 1 -- a fold in progress starts again
  set('context_version', digits(context_version))
  set('gaps', digits(gaps))
  set('withdrawals', digits(count(state[8]) + 1))
end
weight = weight + tonumber(ARGV[10])
if ARGV[17] ~= '' and ARGV[17] ~= '0' then
  folded, folded_weight = tonumber(ARGV[17]), tonumber(ARGV[18])
  set('folded', ARGV[17])
  set('folded_weight', ARGV[18])
  set('folded_at', now)
  set('reached', ARGV[17])
end
set('last', digits(last))
set('weight', digits(weight))
if version then
  local name = digits(version)
  set('versions', name)
  set('context', ARGV[8])
  set('context_version', digits(context_version + 1))
  redis.call('XADD', KEYS[6], name .. '-0', 'v', ARGV[9] .. ',"through":"' .. digits(folded)
    .. '","weight":' .. digits(folded_weight) .. ',"version":' .. name .. ',"created_at":' .. now .. '}')
end
local recorded = 0
if state[12] ~= ARGV[5] then
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
return {'ok', epoch, last, folded, weight - folded_weight, recorded, gaps}
