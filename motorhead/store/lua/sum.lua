-- The sum of two counts. An invalid count adds nothing, and the sum stays below the limit, so it remains valid.
local function sum(counted, added)
  return digits(math.min(count(counted) + (count(added) or 0), LARGEST - 1))
end
