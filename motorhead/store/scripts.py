"""The Lua scripts: every write that depends on what is there is one of them, checked first and written last."""

from __future__ import annotations

from pathlib import Path

from redis_link.scripts import Script

FOLDER = Path(__file__).parent / "lua"


def _read(name: str, *, before: str = "") -> Script:
    """The script in the file ``name``; what ``before`` defines is there for it."""
    return Script.of(before + (FOLDER / f"{name}.lua").read_text())


#: What a script asks before its first write.
CHECKS = (FOLDER / "checks.lua").read_text()
#: How one counts what models took.
SUM = (FOLDER / "sum.lua").read_text()

APPEND = _read("append", before=CHECKS)
COMMIT_FOLD = _read("commit_fold", before=CHECKS + SUM)
DELETE = _read("delete", before=CHECKS)
FACTS = _read("facts", before=CHECKS)
FORGET_RATE = _read("forget_rate")
IMPORT = _read("import", before=CHECKS)
INDEX = _read("index", before=CHECKS)
MEND = _read("mend")
NOTE_FOLD = _read("note_fold", before=CHECKS)
RATE = _read("rate")
RELEASE = _read("release")
RENEW = _read("renew")
RESTORE = _read("restore", before=CHECKS)
REWRITE = _read("rewrite", before=CHECKS)
SPEND = _read("spend", before=CHECKS + SUM)
STAGE = _read("stage", before=CHECKS)
TRIM = _read("trim", before=CHECKS)
UNLIST = _read("unlist")

SCRIPTS = (
    APPEND, COMMIT_FOLD, DELETE, FACTS, FORGET_RATE, IMPORT, INDEX, MEND, NOTE_FOLD, RATE, RELEASE, RENEW, RESTORE,
    REWRITE, SPEND, STAGE, TRIM, UNLIST,
)  # fmt: skip
