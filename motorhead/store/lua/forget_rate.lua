-- Delete the allowance of a session that does not exist. KEYS: 1 state, 2 rate
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
return redis.call('UNLINK', KEYS[2])
