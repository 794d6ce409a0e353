-- Stands before every script that writes in several places: what it asks before its first write.
-- A script that failed after that would leave half of its work, and a client that tries again would double it.
local DAMAGED = redis.error_reply("DAMAGED A session is damaged in Redis; `python -m motorhead fsck --mend` mends it.")
local LARGEST = 1e15

-- What to answer when a first call failed: that the session is damaged, or what is in the way of every write.
local function refusal(reply)
  return (string.match(reply.err, '^WRONGTYPE') or string.match(reply.err, '^ERR')) and DAMAGED or reply
end

-- Whether the key is of this kind, or is not there.
local function is(key, kind)
  local found = redis.call('TYPE', key).ok
  return found == kind or found == 'none'
end

-- The count that a field holds: 0 if there is no such field, nil if it is none.
local function count(value)
  if not value then
    return 0
  end
  return #value <= 15 and string.match(value, '^%d+$') and tonumber(value) or nil
end

-- Whether each of the values, of which `size` were read, is a count.
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

-- The highest number that an entry of the stream ever had: it takes none below.
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

-- The number of the next version, whatever was counted; nil if there is no place for one.
local function next_version(key, counted)
  if not is(key, 'stream') then
    return nil
  end
  local version = math.max(count(counted) or 0, top(key)) + 1
  return version < LARGEST and version or nil
end

-- The field of a chunk of vectors. It says what rows are in it, so none is ever read as one of another kind.
local function chunk_name(chunk, size, model)
  return digits(chunk) .. '/' .. size .. '/' .. model
end

local function now_ms()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
