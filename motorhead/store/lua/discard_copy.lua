-- Delete a staged copy of a session if it is still ours. KEYS: as for begin_copy   ARGV: 1 name of this copy
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('UNLINK', unpack(KEYS))
