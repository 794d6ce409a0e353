"""What has changed between two texts, word by word: a pure function of bounded work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import accumulate, groupby

#: The most steps of a comparison, a third of a second; beyond, the texts are compared by sentences, or else not at all.
MOST_STEPS = 3_000_000
#: The share of the words that two texts must have in common. Below it, the new text is shown as one that was rewritten.
LEAST_ALIKE = 0.25

#: A word or a sentence with the blanks behind it. Chinese and Japanese characters are words of their own.
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]\s*|[^\s\u3040-\u30ff\u3400-\u9fff]+\s*|\s+")
#: The first of the characters between which there are no blanks.
_UNDIVIDED = "\u3040"
_SENTENCES = re.compile(r"[^.!?\n\u3002]+[.!?\n\u3002]*\s*|\s+|[.!?\n\u3002]+")


class Kind(StrEnum):
    """What has happened to a piece of a text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one of the texts. Those that are not removed are the new text, those not added the old one."""

    kind: Kind
    text: str


class _TooManySteps(Exception):
    """The comparison takes more than `MOST_STEPS`."""


class _BoundedMatcher(SequenceMatcher[str]):
    """A `SequenceMatcher` that counts its steps, and raises `_TooManySteps` before it takes too many.

    Each search for a match looks at the pieces between two others, and at every piece that equals one of them.
    """

    def __init__(self, ours: Sequence[str], theirs: Sequence[str]) -> None:
        super().__init__(None, ours, theirs, autojunk=False)
        counts = Counter(theirs)
        self._steps_before = list(accumulate((1 + counts[piece] for piece in ours), initial=0))
        self._left = MOST_STEPS

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        """The longest match between these pieces. Raises `_TooManySteps`."""
        self._left -= self._steps_before[-1 if ahi is None else ahi] - self._steps_before[alo]
        if self._left < 0:
            raise _TooManySteps
        return super().find_longest_match(alo, ahi, blo, bhi)


def changes(old: str, new: str) -> list[Piece]:
    """The pieces of both texts, in the order of the new one."""
    for pattern in (_WORDS, _SENTENCES):
        before, after = pattern.findall(old), pattern.findall(new)
        with suppress(_TooManySteps):
            return list(_joined(_compared(before, after)))
    return list(_joined([Piece(Kind.REMOVED, old), Piece(Kind.ADDED, new)]))


def is_rewritten(pieces: Sequence[Piece]) -> bool:
    """Whether the texts have so little in common that marking each change would only disturb."""
    longest = sum(len(piece.text) for piece in pieces if piece.kind is not Kind.REMOVED)
    same = sum(len(piece.text) for piece in pieces if piece.kind is Kind.SAME)
    return same < LEAST_ALIKE * longest


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """The pieces one by one. Those that differ only in their blanks are the same. Raises `_TooManySteps`."""
    ours, theirs = ([piece.strip() for piece in pieces] for pieces in (before, after))
    for _, i, j, k, m in _BoundedMatcher(ours, theirs).get_opcodes():
        if ours[i:j] == theirs[k:m]:
            yield Piece(Kind.SAME, "".join(after[k:m]))
        else:
            added = "".join(after[k:m])
            yield Piece(Kind.REMOVED, _apart("".join(before[i:j]), before[i - 1 : i], after[k - 1 : k], added))
            yield Piece(Kind.ADDED, added)


def _apart(removed: str, before: Sequence[str], after: Sequence[str], added: str) -> str:
    """What was removed, with blanks where it would run into its neighbours: at the end of one of the texts."""
    if removed and before and after and after[0] == after[0].rstrip():
        removed = before[0][len(before[0].rstrip()) :] + removed
    runs_on = removed and added and removed[-1] < _UNDIVIDED and removed == removed.rstrip()
    return f"{removed} " if runs_on else removed


def _joined(pieces: Iterator[Piece] | Sequence[Piece]) -> Iterator[Piece]:
    """The pieces that have text; neighbours of one kind are one piece."""
    for kind, group in groupby((piece for piece in pieces if piece.text), key=lambda piece: piece.kind):
        yield Piece(kind, "".join(piece.text for piece in group))
