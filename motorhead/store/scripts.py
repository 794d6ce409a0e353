"""The Lua scripts: every write that depends on what is there is one of them, checked first and written last."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "lua"


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and the digest under which Redis knows it."""

    name: str
    source: str
    sha: str

    def call(
        self, keys: Sequence[bytes | str | int | float], arguments: Sequence[bytes | str | int | float]
    ) -> tuple[bytes | str | int | float, ...]:
        """The command that runs it."""
        return ("EVALSHA", self.sha, len(keys), *keys, *arguments)


def _read(name: str, *, before: str = "") -> Script:
    """The script in the file ``name``; what ``before`` defines is there for it."""
    source = before + (FOLDER / f"{name}.lua").read_text()
    return Script(name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


#: What a script asks before its first write.
SOUND = (FOLDER / "checks.lua").read_text()
#: How one counts what models took.
SUM = (FOLDER / "sum.lua").read_text()

APPEND = _read("append", before=SOUND)
COMMIT_FOLD = _read("commit_fold", before=SOUND + SUM)
DELETE = _read("delete", before=SOUND)
FORGET_RATE = _read("forget_rate")
IMPORT = _read("import", before=SOUND)
INDEX = _read("index", before=SOUND)
INSPECT = _read("inspect", before=SOUND)
KINDS = _read("kinds", before=SOUND)
NOTE_FOLD = _read("note_fold", before=SOUND)
RATE = _read("rate")
RELEASE = _read("release")
RENEW = _read("renew")
RESTORE = _read("restore", before=SOUND)
SET_ASIDE = _read("set_aside")
SET_TEXT = _read("set_text", before=SOUND)
SPEND = _read("spend", before=SOUND + SUM)
STAGE = _read("stage", before=SOUND)
TRIM = _read("trim", before=SOUND)
UNLIST = _read("unlist")

SCRIPTS = (
    APPEND, COMMIT_FOLD, DELETE, FORGET_RATE, IMPORT, INDEX, INSPECT, KINDS, NOTE_FOLD, RATE, RELEASE, RENEW, RESTORE,
    SET_ASIDE, SET_TEXT, SPEND, STAGE, TRIM, UNLIST,
)  # fmt: skip
