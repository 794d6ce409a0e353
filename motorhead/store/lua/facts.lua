-- Read a consistent snapshot of a session's facts.
-- KEYS: as for delete   ARGV: 1 how many of the newest versions to read, 2.. fields of the state
-- Returns {these fields, how many messages, id of the first or '', highest message number ever, highest version number
-- ever, newest versions, how many namespaces, fields set aside, vector fields with their lengths, PTTLs, now (ms),
-- withdrawn numbers}
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local vectors, expiries = {}, {}
for _, field in ipairs(redis.call('HKEYS', KEYS[7])) do
  vectors[#vectors + 1] = field
  vectors[#vectors + 1] = redis.call('HSTRLEN', KEYS[7], field)
end
for i = 1, 11 do -- the others expire or are of the tools
  expiries[i] = redis.call('PTTL', KEYS[i])
end
return {redis.call('HMGET', KEYS[1], unpack(ARGV, 2)), redis.call('XLEN', KEYS[2]), oldest and oldest[1] or '',
  digits(top(KEYS[2])), digits(top(KEYS[6])), redis.call('XREVRANGE', KEYS[6], '+', '-', 'COUNT', ARGV[1]),
  redis.call('SCARD', KEYS[3]), redis.call('HKEYS', KEYS[#KEYS]), vectors, expiries, now_ms(),
  redis.call('ZRANGE', KEYS[11], 0, -1)}
