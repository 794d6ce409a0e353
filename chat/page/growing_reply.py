"""A reply while it grows: whole blocks as HTML, the rest as plain text."""

from __future__ import annotations

import re

from django.utils.safestring import SafeString

from chat.page.markdown import render_markdown

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class GrowingReply:
    """A reply as it arrives: whole blocks become HTML once, the block that still grows stays plain text.

    So the work for a reply grows with its length, not with its length times the number of its pieces.
    """

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        self._tail = ""

    def add(self, text: str) -> tuple[SafeString, str]:
        """The HTML of the blocks that ``text`` completes ("" for none), and the plain text of the unfinished one."""
        self._tail += text
        end = _end_of_blocks(self._tail)
        finished, self._tail = self._tail[:end], self._tail[end:]
        return (render_markdown(finished) if finished else SafeString()), self._tail


def _end_of_blocks(text: str) -> int:
    """Where the last block begins that may still grow: behind a blank line, outside a fence, not indented."""
    end = position = 0
    fence, blank_before = "", False
    for line in text.splitlines(keepends=True):
        if blank_before and not fence and not line[0].isspace():
            end = position
        if mark := _FENCE.match(line):
            fence = _fence_after(fence, mark[1], line)
        blank_before = not line.strip()
        position += len(line)
    return end


def _fence_after(fence: str, mark: str, line: str) -> str:
    """The fence that is open behind ``line``, which begins with ``mark``; "" for none."""
    if not fence:
        return mark
    closes = mark[0] == fence[0] and len(mark) >= len(fence) and not line.strip().strip(mark[0])
    return "" if closes else fence
