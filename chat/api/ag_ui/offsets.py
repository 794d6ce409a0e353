"""Positions in an answer, opaque to clients, which name one to receive what follows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2s

_WRITTEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.(\d{1,9})\.(\d{1,9})\.(\d{1,3})(?:\.([0-9a-f]{8}))?")


@dataclass(frozen=True, slots=True)
class Offset:
    """The event number ``part`` of those made from the log entry ``seq`` of a run's ``generation``.

    ``run``: the `mark_of` the run. Clients pass over an event whose offset they have seen, of whichever run it was.
    """

    session_id: str
    generation: int
    seq: int
    part: int
    run: str = ""

    def __str__(self) -> str:
        place = f"{self.session_id}.{self.generation}.{self.seq}.{self.part}"
        return f"{place}.{self.run}" if self.run else place

    def is_of(self, session_id: str, run_id: str) -> bool:
        """Whether it is an offset of this run. One without a mark, as earlier versions made them, may be of any."""
        return self.session_id == session_id and self.run in {"", mark_of(run_id)}

    def is_behind(self, other: Offset) -> bool:
        """Whether this event follows ``other``, of the same generation."""
        return (self.seq, self.part) > (other.seq, other.part)


def mark_of(run_id: str) -> str:
    """What tells the offsets of a run from those of others in its session: 8 hexadecimal digits."""
    return blake2s(run_id.encode(), digest_size=4).hexdigest()


def parse(written: str) -> Offset | None:
    """The offset that was written; None if it is not one of ours, such as ``-1`` for the start."""
    found = _WRITTEN.fullmatch(written)
    return Offset(found[1], int(found[2]), int(found[3]), int(found[4]), found[5] or "") if found else None
