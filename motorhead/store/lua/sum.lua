-- A sum of what is counted. What is no count adds nothing, and the sum stays one that can be read again.
local function sum(counted, added)
  return digits(math.min(count(counted) + (count(added) or 0), LARGEST - 1))
end
