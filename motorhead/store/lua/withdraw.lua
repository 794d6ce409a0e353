-- Prepended to the script that appends: withdrawing the newest messages of a session.
-- The callers have checked the types of all keys.

-- Delete the messages above `keep` and up to `last`, and remember their numbers; how many they were.
local function withdraw(messages, withdrawn, keep, last)
  local deleted, from, to = 0, digits(keep + 1), digits(last)
  repeat
    local page = redis.call('XRANGE', messages, from, to, 'COUNT', 500)
    for _, entry in ipairs(page) do
      local number = string.match(entry[1], '^%d+')
      redis.call('XDEL', messages, entry[1])
      redis.call('ZADD', withdrawn, number, number)
    end
    deleted = deleted + #page
  until #page < 500
  return deleted
end

-- Delete the vectors of messages above `keep`, of those up to `indexed`.
local function cut_vectors(vectors, keep, indexed, rows, size, model)
  for chunk = math.floor(keep / rows), math.floor((indexed - 1) / rows) do
    local name, kept = chunk_name(chunk, size, model), keep - chunk * rows
    local found = redis.call('HGET', vectors, name)
    if found and kept > 0 then
      redis.call('HSET', vectors, name, string.sub(found, 1, kept * tonumber(size)))
    elseif found then
      redis.call('HDEL', vectors, name)
    end
  end
end

-- Delete the versions of the summary that cover messages above `keep`: only a restore can have left such versions.
local function drop_versions(versions, keep)
  local from = '-'
  repeat
    local page = redis.call('XRANGE', versions, from, '+', 'COUNT', 100)
    for _, entry in ipairs(page) do
      local through = string.match(entry[2][2], '"through":"(%d+)"')
      if through and tonumber(through) > keep then
        redis.call('XDEL', versions, entry[1])
      end
      from = '(' .. entry[1]
    end
  until #page < 100
end
