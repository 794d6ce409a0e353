-- Prepended to every script that writes in several places: the checks before its first write.
-- A script that failed later would leave half of its work behind, and a client's retry would repeat that half.
local DAMAGED = redis.error_reply("DAMAGED A session is damaged in Redis; run `python -m motorhead fsck --mend`.")
local LARGEST = 1e15

-- The reply after a failed first call: DAMAGED, or Redis's own error if that would stop every write.
local function refusal(reply)
  return (string.match(reply.err, '^WRONGTYPE') or string.match(reply.err, '^ERR')) and DAMAGED or reply
end

-- Whether the key is of this type or does not exist.
local function is(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end

-- The count in a field: 0 if the field does not exist, nil if its value is not a count.
local function count(value)
  if not value then
    return 0
  end
  return #value <= 15 and string.match(value, '^%d+$') and tonumber(value) or nil
end

-- Whether each of the first `size` values is a count.
local function counts(values, size)
  for i = 1, size do
    if not count(values[i]) then
      return false
    end
  end
  return true
end

local function digits(number)
  return string.format('%.0f', number)
end

-- The highest number that an entry of the stream ever had; new entries must be above it.
local function top(key)
  if redis.call('EXISTS', key) == 0 then
    return 0
  end
  local facts = redis.call('XINFO', 'STREAM', key)
  for i = 1, #facts, 2 do
    if facts[i] == 'last-generated-id' then
      return tonumber(string.match(facts[i + 1], '^%d+'))
    end
  end
end

-- The number of the next version, above both `counted` and the stream's entries; nil if none can be added.
local function next_version(key, counted)
  if not is(key, 'stream') then
    return nil
  end
  local version = math.max(count(counted) or 0, top(key)) + 1
  return version < LARGEST and version or nil
end

-- The field name of a chunk of vectors. It includes size and model, so rows of different kinds are never mixed.
local function chunk_name(chunk, size, model)
  return digits(chunk) .. '/' .. size .. '/' .. model
end

-- How many withdrawn numbers are above the watermark.
local function above(withdrawn, watermark)
  return redis.call('ZCOUNT', withdrawn, '(' .. watermark, '+inf')
end

local function now_ms()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
