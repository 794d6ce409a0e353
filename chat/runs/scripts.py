"""The scripts that change a run. Each checks the generation before it writes, so it does everything or nothing."""

from __future__ import annotations

from hashlib import sha1
from importlib import resources


class Script:
    """A Lua script and its digest. The caller has to load it if Redis does not know the digest."""

    def __init__(self, name: str) -> None:
        self.text = resources.files("chat.runs").joinpath("lua", f"{name}.lua").read_text()
        self.digest = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


BEGIN, WRITE, COMMIT, FINISH, STOP, TAKE_OVER, ABANDON, FORGET = map(
    Script, ("begin", "write", "commit", "finish", "stop", "take_over", "abandon", "forget")
)
