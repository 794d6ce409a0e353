"""The scripts that change a run: each checks the generation first and writes last, so it does all or nothing."""

from __future__ import annotations

from hashlib import sha1
from importlib import resources


class Script:
    """A Lua script by its digest; whoever runs it loads it where Redis does not know it (any more)."""

    def __init__(self, name: str) -> None:
        self.text = resources.files("chat.runs").joinpath("lua", f"{name}.lua").read_text()
        self.digest = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


BEGIN, WRITE, COMMIT, FINISH, STOP, TAKE_OVER, ABANDON, FORGET = map(
    Script, ("begin", "write", "commit", "finish", "stop", "take_over", "abandon", "forget")
)
