-- Look for damage in one session, and mend what can be mended.
-- KEYS: as for delete: 1 state, 2 messages, 3 namespaces, 4 idempotency, 5 its queue, 6 versions, 7 vectors, …
-- ARGV: 1 '1' to mend
-- Returns a list of findings, each {what it is, 1 if mended or mendable}.
local mend = ARGV[1] == '1'
local found = {}
local function finding(what, mendable, change)
  found[#found + 1] = {what, mendable and 1 or 0}
  if mend and change then
    change()
  end
end

local state = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'folded', 'kept_from', 'context', 'indexed', 'weight', 'folded_weight')
if not state[1] then
  if redis.call('EXISTS', unpack(KEYS)) > 0 then
    finding('keys without a session', true, function() redis.call('UNLINK', unpack(KEYS)) end)
  end
  return found
end
local last, folded, kept = tonumber(state[2] or 0), tonumber(state[3] or 0), tonumber(state[4] or 1)
local function set(field, value)
  redis.call('HSET', KEYS[1], field, string.format('%.0f', value))
  redis.call('HINCRBY', KEYS[1], 'fold_version', 1)
end

local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local top = newest and tonumber(string.match(newest[1], '^%d+')) or 0
if top > last then
  finding('the newest messages are not counted', true, function() set('last', top) end)
  last = top
end
if folded > last then
  finding('the watermark is above the newest message', true, function() set('folded', last) end)
  folded = last
end
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local first = oldest and tonumber(string.match(oldest[1], '^%d+')) or last + 1
if first > kept and first <= folded + 1 then
  finding('the oldest messages, which are folded, are missing', true, function() set('kept_from', first) end)
  kept = first
end
local missing = last - kept + 1 - redis.call('XLEN', KEYS[2])
if missing > 0 then
  finding(string.format('%.0f messages are missing', missing), false)
end
if state[5] and string.upper(state[5]) == 'NONE' then
  finding('the summary is NONE', true, function()
    redis.call('HDEL', KEYS[1], 'context')
    redis.call('HINCRBY', KEYS[1], 'context_version', 1)
  end)
end
if tonumber(state[6] or 0) > last or (tonumber(state[6] or 0) > 0 and redis.call('EXISTS', KEYS[7]) == 0 and kept <= tonumber(state[6])) then
  finding('the vectors do not fit the messages', true, function()
    redis.call('UNLINK', KEYS[7])
    redis.call('HDEL', KEYS[1], 'indexed', 'vector_model')
  end)
end
if not state[6] and redis.call('EXISTS', KEYS[7]) == 1 then
  finding('vectors that no message has', true, function() redis.call('UNLINK', KEYS[7]) end)
end
return found
