-- Run commands on a session, unless a fact that they are based on has changed.
-- KEYS: as for delete   ARGV: 1 how many facts; for each fact the command that reads it, then '=' and the expected
-- reply, or '' for none; then the commands to run. Every command is preceded by its number of words.
-- Returns 1, or 0 if a fact has changed.
local i = 2
local function answer()
  local reply = redis.call(unpack(ARGV, i + 1, i + ARGV[i]))
  i = i + ARGV[i] + 1
  return type(reply) == 'table' and reply.ok or reply
end
for _ = 1, ARGV[1] do
  local reply = answer()
  if (reply and '=' .. reply or '') ~= ARGV[i] then
    return 0
  end
  i = i + 1
end
while i < #ARGV do
  answer()
end
return 1
