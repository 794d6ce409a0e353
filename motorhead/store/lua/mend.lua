-- Carry out commands on a session, only if the facts that they were decided on still hold.
-- KEYS: as for delete   ARGV: 1 how many facts, then of each the command that read it and the answer behind '=', or ''
-- for no answer, then the commands to carry out; each command behind its number of words
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
