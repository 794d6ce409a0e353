-- Look for damage in one session, whose keys are of the right kinds, and mend what can be mended.
-- KEYS: as for delete: 1 state, 2 messages, 3 namespaces, 4 idempotency, 5 its queue, 6 versions, 7 vectors, …
--       12 what was set aside, 13 room for a stream that is written anew
-- ARGV: 1 '1' to mend, 2 epoch or '' (as read), 3 number of the newest message that can be read,
--       4 epoch for a lost one, 5 rows in a chunk of vectors
-- Returns a list of findings, each {what it is, 1 if mended or mendable}; none if it is another session by now.
local STATE, MESSAGES, NAMESPACES, VERSIONS, VECTORS = KEYS[1], KEYS[2], KEYS[3], KEYS[6], KEYS[7]
local ASIDE, ROOM = KEYS[12], KEYS[13]
local COUNTS = {'last', 'folded', 'kept_from', 'versions', 'weight', 'folded_weight', 'indexed', 'vector_size',
  'context_version', 'fold_version', 'tokens', 'prompt_tokens', 'completion_tokens', 'folded_at', 'created', 'updated'}
local mend = ARGV[1] == '1'
local found = {}
local function finding(what, mendable, change)
  if what then
    found[#found + 1] = {what, mendable and 1 or 0}
  end
  if mend and change then
    change()
  end
end
local function set(field, value)
  local version = count(redis.call('HGET', STATE, 'fold_version')) or 0
  redis.call('HSET', STATE, field, digits(value), 'fold_version', digits(version + 1))
end

local function set_context(text)
  if text then
    redis.call('HSET', STATE, 'context', text)
  else
    redis.call('HDEL', STATE, 'context')
  end
  redis.call('HSET', STATE, 'context_version', digits((count(redis.call('HGET', STATE, 'context_version')) or 0) + 1))
end
-- A version that is newer than all, and tells all up to the message `through`, and after it nothing.
local function write_version(context, through)
  local number = next_version(VERSIONS, redis.call('HGET', STATE, 'versions'))
  if number then
    redis.call('XADD', VERSIONS, digits(number) .. '-0', 'v', '{"context":' .. cjson.encode(context)
      .. ',"source":"restore","folded":null,"tokens":0,"through":"' .. digits(through) .. '","weight":0,"version":'
      .. digits(number) .. ',"created_at":' .. now_ms() .. '}')
    redis.call('HSET', STATE, 'versions', digits(number))
  end
end
local function is_none(text)
  return string.upper(text) == 'NONE'
end
-- The newest version whose text is one: its number, its context, and through which message it tells, of what weight.
local function newest_summary()
  local from = '+'
  repeat
    local page = redis.call('XREVRANGE', VERSIONS, from, '-', 'COUNT', 50)
    for _, entry in ipairs(page) do
      local known, version = pcall(cjson.decode, entry[2][2])
      known = known and type(version) == 'table' and type(version.through) == 'string'
      local through = known and count(version.through)
      if through and type(version.context) == 'string' and not is_none(version.context) then
        return {
          number = tonumber(string.match(entry[1], '^%d+')), context = version.context, through = through,
          weight = tonumber(version.weight) or 0,
        }
      end
      from = '(' .. entry[1]
    end
  until #page < 50
end

if (redis.call('HGET', STATE, 'epoch') or '') ~= ARGV[2] then
  return found
end
local keys = {unpack(KEYS, 1, 10)}
if ARGV[2] == '' then
  if redis.call('EXISTS', MESSAGES, VERSIONS) == 0 then
    local left = false
    for _, key in ipairs(keys) do
      left = left or redis.call('PTTL', key) == -1  -- what goes by itself, a lease or an allowance, is no finding
    end
    if left then
      finding('keys without a session', true, function() redis.call('UNLINK', unpack(keys)) end)
    end
    return found
  end
  finding('its state is lost', true, function()
    redis.call('HSET', STATE, 'epoch', ARGV[4], 'created', now_ms(), 'updated', now_ms())
  end)
  if not mend then
    return found
  end
end
local lost = ARGV[2] == ''

-- The fields that hold no number. What can be told from the streams is set right below.
local state, bad = {}, {}
for _, field in ipairs(COUNTS) do
  local value = redis.call('HGET', STATE, field)
  state[field] = count(value)
  if not state[field] then
    state[field], bad[field] = 0, true
    finding('its ' .. field .. ' is no number', true, function()
      redis.call('HSET', ASIDE, 'state.' .. field, value)
      redis.call('HDEL', STATE, field)
    end)
  end
end
-- `what`, unless `field` or the whole state was found to be lost: then that has been said.
local function unless(field, what)
  return not (lost or bad[field]) and what or nil
end
for _, field in ipairs({'created', 'updated'}) do
  if bad[field] and mend then
    redis.call('HSET', STATE, field, now_ms())
  end
end

local last, folded, kept = state.last, state.folded, math.max(state.kept_from, 1)
local newest = tonumber(ARGV[3])
if newest > last then
  finding(unless('last', 'the newest messages are not counted'), true, function() set('last', newest) end)
  last = newest
end
if top(VERSIONS) > state.versions and top(VERSIONS) < LARGEST then
  finding(unless('versions', 'the newest versions of its summary are not counted'), true,
    function() set('versions', top(VERSIONS)) end)
end

-- The summary and its watermark: every script that writes them writes a version that says the same. What both have lost
-- is told by no summary and in no window, so where they differ the version is right, unless a newer one is lost.
local context = redis.call('HGET', STATE, 'context')
local version, weight = newest_summary(), 0
local told = kept - 1
-- It was written before messages were lost. What it tells is kept, but not taken for what is told of those that have,
-- or will have, the same numbers: a version that ends before them follows it.
local outlived = version and version.through > last
if version and not outlived then
  told, weight = math.max(version.through, told), version.weight
end
local differs = version and version.number >= state.versions and (context ~= version.context or folded ~= told)
local wrong
if context and is_none(context) then
  wrong = 'the summary is NONE'
elseif outlived then
  wrong = unless('folded', 'its newest version tells of more messages than there are')
elseif folded > last then
  wrong = 'the watermark is above the newest message'
elseif differs then
  wrong = unless('folded', 'its summary and watermark are not those of the newest version')
elseif not context and folded >= kept then
  wrong = 'no summary tells the messages below its watermark'
end
if wrong or differs or outlived or (lost and version) then
  finding(wrong, true, function()
    if context and not is_none(context) and context ~= (version and version.context) then
      redis.call('HSET', ASIDE, 'state.context', context)
    end
    set_context(version and version.context)
    if outlived then
      write_version(version.context, told)
    end
    set('folded', told)
    set('folded_weight', weight)
  end)
  folded = told
elseif bad.folded then
  folded = told
  if mend then
    set('folded', told)
    set('folded_weight', weight)
  end
elseif bad.folded_weight and mend then
  set('folded_weight', weight)
end
if bad.weight and mend then
  set('weight', count(redis.call('HGET', STATE, 'folded_weight')) or 0)
end
local oldest = redis.call('XRANGE', MESSAGES, '-', '+', 'COUNT', 1)[1]
local first = oldest and tonumber(string.match(oldest[1], '^%d+')) or last + 1
local aside = {}
for _, name in ipairs(redis.call('HKEYS', ASIDE)) do
  aside[string.match(name, '^messages/(%d+)%-0/') or ''] = true
end
while aside[digits(kept)] and kept < first do
  kept = kept + 1
end
if first > kept and first <= folded + 1 then
  local what = unless('kept_from', 'the oldest messages, which are folded, are missing')
  finding(what, true, function() set('kept_from', first) end)
  kept = first
end
local missing = last - kept + 1 - redis.call('XLEN', MESSAGES)
for number in pairs(aside) do
  if number ~= '' and tonumber(number) >= kept and tonumber(number) <= last then
    missing = missing - 1
  end
end
if missing > 0 then
  finding(digits(missing) .. ' messages are missing', false)
end
if top(MESSAGES) > last and newest <= last then
  finding('its stream takes no message at the next number', true, function()
    local from = '-'
    repeat
      local page = redis.call('XRANGE', MESSAGES, from, digits(last), 'COUNT', 500)
      for _, entry in ipairs(page) do
        redis.call('XADD', ROOM, entry[1], unpack(entry[2]))
        from = '(' .. entry[1]
      end
    until #page < 500
    redis.call('UNLINK', MESSAGES)
    if redis.call('EXISTS', ROOM) == 1 then
      redis.call('RENAME', ROOM, MESSAGES)
    end
  end)
end
if redis.call('SCARD', NAMESPACES) == 0 then
  finding(unless('namespaces', 'it is in no namespace'), true, function()
    redis.call('SADD', NAMESPACES, redis.call('HGET', STATE, 'namespace') or '-')
  end)
end
local indexed = state.indexed
local function forget_vectors()
  redis.call('UNLINK', VECTORS)
  redis.call('HDEL', STATE, 'indexed', 'vector_model', 'vector_size')
end
-- Whether every chunk of vectors is of the model and of the length that the session's are of, and none is missing.
local function of_one_kind()
  local size, model = state.vector_size, redis.call('HGET', STATE, 'vector_model') or ''
  for _, name in ipairs(redis.call('HKEYS', VECTORS)) do
    local chunk = tonumber(string.match(name, '^(%d+)/') or '')
    if not chunk or name ~= chunk_name(chunk, digits(size), model) or size == 0
      or redis.call('HSTRLEN', VECTORS, name) % size > 0 then
      return false
    end
  end
  local rows = tonumber(ARGV[5])
  for chunk = math.floor((kept - 1) / rows), indexed >= kept and math.floor((indexed - 1) / rows) or -1 do
    local length = redis.call('HSTRLEN', VECTORS, chunk_name(chunk, digits(size), model))
    if length ~= math.min(rows, indexed - chunk * rows) * size then
      return false
    end
  end
  return true
end
if indexed > last or (indexed > 0 and redis.call('EXISTS', VECTORS) == 0 and kept <= indexed) then
  finding('the vectors do not fit the messages', true, forget_vectors)
elseif indexed > 0 and not of_one_kind() then
  local what = unless('vector_size', 'its vectors are not all of one model and one length, or some are missing')
  finding(what, true, forget_vectors)
end
if not redis.call('HGET', STATE, 'indexed') and redis.call('EXISTS', VECTORS) == 1 then
  finding(unless('indexed', 'vectors that no message has'), true, function() redis.call('UNLINK', VECTORS) end)
end
return found
