"""What has changed between two texts, word by word: a pure function of bounded work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

#: The most comparisons of two pieces; a longer text is compared by sentences, and if those are too many, not at all.
MOST_PAIRS = 40_000
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


def changes(old: str, new: str) -> list[Piece]:
    """The pieces of both texts, in the order of the new one."""
    for pattern in (_WORDS, _SENTENCES):
        before, after = pattern.findall(old), pattern.findall(new)
        if _pairs(before, after) <= MOST_PAIRS:
            return list(_joined(_compared(before, after)))
    return list(_joined([Piece(Kind.REMOVED, old), Piece(Kind.ADDED, new)]))


def is_rewritten(pieces: Sequence[Piece]) -> bool:
    """Whether the texts have so little in common that marking each change would only disturb."""
    longest = sum(len(piece.text) for piece in pieces if piece.kind is not Kind.REMOVED)
    same = sum(len(piece.text) for piece in pieces if piece.kind is Kind.SAME)
    return same < LEAST_ALIKE * longest


def _pairs(before: Sequence[str], after: Sequence[str]) -> int:
    """How many pairs of equal pieces a comparison looks at, or more."""
    ours, theirs = (Counter(piece.strip() for piece in pieces) for pieces in (before, after))
    return sum(count * theirs[piece] for piece, count in ours.items())


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """The pieces one by one. Those that differ only in their blanks are the same."""
    ours, theirs = ([piece.strip() for piece in pieces] for pieces in (before, after))
    for _, i, j, k, m in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
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
