"""What is remembered of an old session that was taken over, and what is new in it by that. Pure.

The original drops the oldest lines of its list when it folds, so what was taken over is found again either as the
beginning of the list, or with its end there. That is told only where it can be nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from motorhead.tools.original import OldSession

#: How many of the newest lines are remembered one by one, and how many of them must be found again, if not all are.
TAIL = 64
SAFE = 4


class Imported(msgspec.Struct):
    """How much of an old session was taken over. ``last`` is the number that its newest message got here.

    ``lines``, ``digest``: how many lines, and what of; ``tail``: the newest of them; ``context``: what it was.
    """

    lines: int
    digest: str
    tail: list[str]
    context: str
    last: int

    @classmethod
    def of(cls, old: OldSession, last: int) -> Imported:
        """All of ``old``."""
        return cls(len(old.lines), digest_of(old.lines), _marks(old.lines[-TAIL:]), _context_of(old), last)

    def new_from(self, old: OldSession) -> int | None:
        """The place in the old session's lines where what is new begins; None if that cannot be told."""
        if digest_of(old.lines[: self.lines]) == self.digest:
            return self.lines
        marks = _marks(old.lines[:TAIL])
        sizes = range(1, min(len(self.tail), len(marks)) + 1)
        found = [size for size in sizes if self.tail[-size:] == marks[:size]]
        return found[0] if len(found) == 1 and found[0] >= SAFE else None

    def was_folded(self, old: OldSession) -> bool:
        """Whether lines that were taken over have left the list."""
        return digest_of(old.lines[: self.lines]) != self.digest

    def has_context_of(self, old: OldSession) -> bool:
        """Whether the summary is still the one that was taken over."""
        return _context_of(old) == self.context


def digest_of(lines: Sequence[bytes]) -> str:
    """A digest of ``lines``, which tells where each ends."""
    digest = blake2b(digest_size=16)
    for line in lines:
        digest.update(b"%d:" % len(line) + line)
    return digest.hexdigest()


def _marks(lines: Sequence[bytes]) -> list[str]:
    return [blake2b(line, digest_size=8).hexdigest() for line in lines]


def _context_of(old: OldSession) -> str:
    return digest_of([] if old.context is None else [old.context.encode()])
