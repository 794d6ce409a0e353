"""The record of an imported session, and the new lines that it reveals later. Pure.

The original drops the oldest lines of its list when it folds. The imported lines are therefore either the beginning of
the list, or only their last ones are. Lines count as new only if no other reading is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from motorhead.tools.original import OldSession

#: How many of the newest lines are recorded one by one, and how many must be found again if the others are gone.
TAIL = 64
SAFE = 4


class Imported(msgspec.Struct):
    """The record of an imported session. ``last``: the number of its newest message here.

    ``lines``, ``digest``: how many lines were imported, and their digest. ``tail``: digests of the newest ones.
    ``context``: the digest of the context.
    """

    lines: int
    digest: str
    tail: list[str]
    context: str
    last: int

    @classmethod
    def of(cls, old: OldSession, last: int) -> Imported:
        """The record of importing all of ``old``."""
        return cls(len(old.lines), digest_of(old.lines), _marks(old.lines[-TAIL:]), _context_of(old), last)

    def new_from(self, old: OldSession) -> int | None:
        """The index of the first new line of the old session; None if it is uncertain."""
        if digest_of(old.lines[: self.lines]) == self.digest:
            return self.lines
        marks = _marks(old.lines[:TAIL])
        sizes = range(1, min(len(self.tail), len(marks)) + 1)
        found = [size for size in sizes if self.tail[-size:] == marks[:size]]
        return found[0] if len(found) == 1 and found[0] >= SAFE else None

    def was_folded(self, old: OldSession) -> bool:
        """Whether imported lines have left the list."""
        return digest_of(old.lines[: self.lines]) != self.digest

    def has_context_of(self, old: OldSession) -> bool:
        """Whether the summary is still the imported one."""
        return _context_of(old) == self.context


def digest_of(lines: Sequence[bytes]) -> str:
    """A digest of ``lines`` and their lengths."""
    digest = blake2b(digest_size=16)
    for line in lines:
        digest.update(b"%d:" % len(line) + line)
    return digest.hexdigest()


def _marks(lines: Sequence[bytes]) -> list[str]:
    return [blake2b(line, digest_size=8).hexdigest() for line in lines]


def _context_of(old: OldSession) -> str:
    return digest_of([] if old.context is None else [old.context.encode()])
