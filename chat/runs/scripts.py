"""The Lua scripts. One that changes a run checks the generation before it writes: it does everything or nothing."""

from __future__ import annotations

from importlib import resources

from redis_link.scripts import Script


def _read(name: str) -> Script:
    return Script.of(resources.files("chat.runs").joinpath("lua", f"{name}.lua").read_text())


BEGIN, WRITE, COMMIT, FINISH, STOP, TAKE_OVER, ABANDON, FORGET, KEEP, UNLIST = map(
    _read, ("begin", "write", "commit", "finish", "stop", "take_over", "abandon", "forget", "keep", "unlist")
)
COUNT, TAKE_BACK = map(_read, ("count", "take_back"))

#: All of them, for the link to load.
SCRIPTS = (BEGIN, WRITE, COMMIT, FINISH, STOP, TAKE_OVER, ABANDON, FORGET, KEEP, UNLIST, COUNT, TAKE_BACK)
