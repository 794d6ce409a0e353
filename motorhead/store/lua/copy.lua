-- Stage a part of a copy of a session, in keys that no reader uses and that expire.
-- KEYS: as for begin_copy
-- ARGV: 1 name of this copy, 2 milliseconds until it expires, 3 which of KEYS to extend, then for each entry how many
--       words it has, and its words: of a stream the id, fields and values, of a set the score and the member
-- Returns 1, or 0 if the copy has expired, was deleted, or has been replaced by another one.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local key = tonumber(ARGV[3])
local i = 4
while i <= #ARGV do
  redis.call(key == 4 and 'ZADD' or 'XADD', KEYS[key], unpack(ARGV, i + 1, i + ARGV[i]))
  i = i + ARGV[i] + 1
end
for _, staged in ipairs(KEYS) do
  redis.call('PEXPIRE', staged, ARGV[2])
end
return 1
