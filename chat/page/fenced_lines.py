"""Code in the plain text below a growing reply: that of list items and quotations, drawn when they are whole."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter

from django.utils.html import escape, format_html, format_html_join

from chat.page.line_kinds import Fence, fence_of, is_in_block

_PIECE_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CODE = '<span class="fenced">{}</span>'
#: What stands before a fence in the items of lists and in quotations; and before the one below the code.
_BEFORE, _BESIDE = re.compile(r"(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t]))*[ \t]*"), re.compile(r"[> \t]*")


class FencedLines:
    """Reads a text in pieces and tells which of its lines are code. Each character is looked at a few times at most."""

    __slots__ = ("_fence", "_is_in_block", "_line")

    def __init__(self) -> None:
        self._line: list[str] = []
        #: The fence that is open at the beginning of the line.
        self._fence: Fence | None = None
        #: Whether the text begins with a list or a quotation; None: it has not begun.
        self._is_in_block: bool | None = None

    def shown(self, text: str) -> str:
        """The next piece: as it is, or as HTML if there is code in it."""
        stretches = groupby(map(self._read, _PIECE_OF_LINE.findall(text)), key=itemgetter(0))
        parts = [(is_code, "".join(part for _, part in stretch)) for is_code, stretch in stretches]
        if not any(is_code for is_code, _ in parts):
            return text
        html = (format_html(_CODE, part) if is_code else escape(part) for is_code, part in parts)
        return format_html_join("", "{}", zip(html, strict=True))

    def _read(self, part: str) -> tuple[bool, str]:
        """A piece of a line, behind whether it is code."""
        is_code = self._fence is not None
        self._line.append(part)
        if part[-1] in "\r\n":
            self._end_line("".join(self._line))
            self._line = []
        return is_code, part

    def _end_line(self, line: str) -> None:
        if self._is_in_block is None and line.strip():
            self._is_in_block = is_in_block(line)
        if self._fence is not None and self._fence.is_closed_by(_BESIDE.sub("", line, count=1)):
            self._fence = None
        elif self._fence is None and self._is_in_block:
            self._fence = fence_of(_BEFORE.sub("", line, count=1))
