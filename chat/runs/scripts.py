"""The scripts that change a run. Each checks the generation before it writes, so it does everything or nothing."""

from __future__ import annotations

from importlib import resources

from redis_link.scripts import Script


def _read(name: str) -> Script:
    return Script.of(resources.files("chat.runs").joinpath("lua", f"{name}.lua").read_text())


BEGIN, WRITE, COMMIT, FINISH, STOP, TAKE_OVER, ABANDON, FORGET, KEEP, UNLIST = map(
    _read, ("begin", "write", "commit", "finish", "stop", "take_over", "abandon", "forget", "keep", "unlist")
)
