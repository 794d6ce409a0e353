"""The Lua scripts. Every write that depends on stored values is one script, which checks first and writes last."""

from __future__ import annotations

from pathlib import Path

from redis_link.scripts import Script

FOLDER = Path(__file__).parent / "lua"


def _read(name: str, *, before: str = "") -> Script:
    """The script in the file ``name``, preceded by the definitions in ``before``."""
    return Script.of(before + (FOLDER / f"{name}.lua").read_text())


#: The checks that a script makes before its first write.
CHECKS = (FOLDER / "checks.lua").read_text()
#: The sum of token counts.
SUM = (FOLDER / "sum.lua").read_text()
#: Withdrawing the newest messages.
WITHDRAW = (FOLDER / "withdraw.lua").read_text()

APPEND = _read("append", before=CHECKS + WITHDRAW)
BEGIN_COPY = _read("begin_copy")
COMMIT_FOLD = _read("commit_fold", before=CHECKS + SUM)
COPY = _read("copy")
DELETE = _read("delete", before=CHECKS)
DISCARD_COPY = _read("discard_copy")
DROP_VERSIONS = _read("drop_versions", before=CHECKS)
FACTS = _read("facts", before=CHECKS)
FORGET_RATE = _read("forget_rate")
IMPORT = _read("import", before=CHECKS)
INDEX = _read("index", before=CHECKS)
MEND = _read("mend")
NOTE_FOLD = _read("note_fold", before=CHECKS)
PATCH = _read("patch", before=CHECKS)
PUBLISH_COPY = _read("publish_copy", before=CHECKS)
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
    APPEND, BEGIN_COPY, COMMIT_FOLD, COPY, DELETE, DISCARD_COPY, DROP_VERSIONS, FACTS, FORGET_RATE, IMPORT, INDEX, MEND,
    NOTE_FOLD, PATCH, PUBLISH_COPY, RATE, RELEASE, RENEW, RESTORE, REWRITE, SPEND, STAGE, TRIM, UNLIST,
)  # fmt: skip
