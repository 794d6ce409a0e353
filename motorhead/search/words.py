"""Which texts contain the words that are searched for, and where. Pure.

Letters match in either case, by Unicode's case folding, and however their accents are encoded. A word also matches as a
part of a longer one, so that languages without spaces can be searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

#: Characters of an excerpt before the first word found, and in all.
BEFORE, EXCERPT = 60, 240
#: Characters of a text that are looked at together, and how many of them two pieces share.
PIECE, OVERLAP = 4096, 300


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text, on one line, and where in it the words are: pairs of first character and the one after."""

    text: str
    marks: list[tuple[int, int]]


class Words:
    """The words of a query, in any order."""

    def __init__(self, query: str) -> None:
        self._words = list(dict.fromkeys(_folded(query).split()))
        self._pattern = re.compile("|".join(map(re.escape, sorted(self._words, key=len, reverse=True))))

    def __len__(self) -> int:
        """How many different words there are."""
        return len(self._words)

    def in_all(self, text: str) -> bool:
        """Whether ``text`` contains every word."""
        folded = _folded(text)
        return all(word in folded for word in self._words)

    def excerpt(self, text: str) -> Excerpt:
        """The part of ``text`` around the first word found, with an ellipsis where it is cut, and all words marked."""
        begins_at, piece = self._piece(text)
        line = " ".join(normalize("NFC", piece).split())
        spans = self._spans(line)
        begin = _begin(line, spans[0][0]) if spans else 0
        end = min(begin + EXCERPT, len(line))
        lead = "… " if begins_at or begin else ""
        tail = " …" if end < len(line) or begins_at + len(piece) < len(text) else ""
        shift = len(lead) - begin
        marks = [(first + shift, last + shift) for first, last in spans if last <= end]
        return Excerpt(lead + line[begin:end] + tail, marks)

    def _piece(self, text: str) -> tuple[int, str]:
        """The first piece of ``text`` that has a word in it, and where it begins, so that a long text costs little."""
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE + OVERLAP]
            if self._pattern.search(_folded(piece)):
                return start, piece
        return 0, text[:PIECE]

    def _spans(self, line: str) -> list[tuple[int, int]]:
        """Where in ``line`` the words are. Folding can lengthen a character, as ß to ss, so it is done one by one."""
        folds = [character.casefold() for character in line]
        at = [index for index, fold in enumerate(folds) for _ in fold]
        return [(at[found.start()], at[found.end() - 1] + 1) for found in self._pattern.finditer("".join(folds))]


def _begin(line: str, found: int) -> int:
    """Where the excerpt of ``line`` begins whose first word is at ``found``: with a whole word, if possible."""
    begin = max(found - BEFORE, 0)
    space = line.find(" ", begin, found)
    return space + 1 if begin and space >= 0 else begin


def _folded(text: str) -> str:
    return (text if text.isascii() else normalize("NFC", text)).casefold()
