"""Lua scripts and their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

Argument = bytes | str | int | float


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and its SHA-1 digest, by which Redis calls it."""

    source: str
    sha: str

    @classmethod
    def of(cls, source: str) -> Script:
        """The script with this ``source``."""
        return cls(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())

    def call(self, keys: Sequence[Argument], arguments: Sequence[Argument]) -> tuple[Argument, ...]:
        """The command that runs the script."""
        return ("EVALSHA", self.sha, len(keys), *keys, *arguments)
