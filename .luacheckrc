-- The scripts that Redis runs.
stds.redis = { read_globals = { "redis", "cjson", "KEYS", "ARGV" } }
std = "lua51+redis"
max_line_length = 120
exclude_files = { ".venv", "**/node_modules" }

-- Stand before other scripts, which use what they define.
files["motorhead/store/lua/checks.lua"] = { ignore = { "211" } }
files["motorhead/store/lua/sum.lua"] = { ignore = { "211" } }
files["motorhead/store/lua/withdraw.lua"] = { ignore = { "211" } }
files["motorhead/store/lua"] = {
  read_globals = {
    "DAMAGED", "LARGEST", "refusal", "is", "count", "counts", "digits", "top", "next_version", "chunk_name", "now_ms",
    "sum", "above", "withdraw", "cut_vectors", "drop_versions",
  },
}
