"""A reply while it grows: whole blocks as HTML, the rest as plain text."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString

from chat.page.markdown import render_markdown
from chat.page.markdown_work import Allowance, TooMuchMarkdown

_PIECE_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class GrowingReply:
    """A reply as it arrives: whole blocks become HTML once, the block that still grows stays plain text.

    Each character is read once and rendered at most once, so the work grows with the reply's length. Once the reply
    exceeds the allowance of a message, the rest of it stays plain text.
    """

    __slots__ = ("_allowance", "_blocks", "_finished", "_plain", "_tail")

    def __init__(self) -> None:
        self._allowance = Allowance()
        self._blocks = _Blocks()
        self._finished = 0
        self._tail: list[str] = []
        self._plain = False

    @property
    def tail(self) -> str:
        """The text of the unfinished block."""
        return "".join(self._tail)

    def add(self, text: str) -> str:
        """The Markdown of the blocks that ``text`` completes ("" for none)."""
        self._tail.append(text)
        if self._plain:
            return ""
        self._blocks.read(text)
        end = self._blocks.end - self._finished
        if not end:
            return ""
        tail, self._finished = self.tail, self._blocks.end
        self._tail = [tail[end:]]
        return tail[:end]

    def render(self, finished: str) -> SafeString:
        """The HTML of the ``finished`` blocks; "" where they exceed the allowance: they go back into the tail."""
        try:
            return render_markdown(finished, self._allowance)
        except TooMuchMarkdown:
            self._plain = True
            self._tail.insert(0, finished)
            return SafeString()


class _Blocks:
    """Finds the ``end`` of the whole blocks: before a line after a blank one, outside a fence, not indented."""

    __slots__ = ("_blank_before", "_fence", "_held", "_line", "_position", "end")

    def __init__(self) -> None:
        self.end = 0
        self._position = 0
        self._line: list[str] = []
        #: A carriage return at the end of the last piece: a newline may follow.
        self._held = ""
        self._fence = ""
        self._blank_before = False

    def read(self, text: str) -> None:
        """Read the next piece of the reply."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        for piece in _PIECE_OF_LINE.findall(text.removesuffix(self._held)):
            if not self._line:
                self._begin_line(piece)
            self._line.append(piece)
            self._position += len(piece)
            if piece[-1] in "\r\n":
                self._end_line("".join(self._line))
                self._line.clear()

    def _begin_line(self, piece: str) -> None:
        if self._blank_before and not self._fence and not piece[0].isspace():
            self.end = self._position

    def _end_line(self, line: str) -> None:
        if mark := _FENCE.match(line):
            self._fence = _fence_after(self._fence, mark[1], line)
        self._blank_before = not line.strip()


def _fence_after(fence: str, mark: str, line: str) -> str:
    """The fence that is open behind ``line``, which begins with ``mark``; "" for none."""
    if not fence:
        return mark
    closes = mark[0] == fence[0] and len(mark) >= len(fence) and not line.strip().strip(mark[0])
    return "" if closes else fence
