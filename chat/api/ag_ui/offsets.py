"""Positions in an answer, opaque to clients, which name one to receive what follows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.(\d{1,9})\.(\d{1,9})\.(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Offset:
    """The event number ``part`` of those made from the log entry ``seq`` of a run's ``generation``."""

    session_id: str
    generation: int
    seq: int
    part: int

    def __str__(self) -> str:
        return f"{self.session_id}.{self.generation}.{self.seq}.{self.part}"

    def is_behind(self, other: Offset) -> bool:
        """Whether this event follows ``other``, of the same generation."""
        return (self.seq, self.part) > (other.seq, other.part)


def parse(written: str) -> Offset | None:
    """The offset that was written; None if it is not one of ours, such as ``-1`` for the start."""
    found = _WRITTEN.fullmatch(written)
    return Offset(found[1], int(found[2]), int(found[3]), int(found[4])) if found else None
