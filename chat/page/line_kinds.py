"""Which lines of Markdown begin or end a block, as far as that can be seen from the line alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)")
_HALF_FENCE = re.compile(r" {0,3}(?:`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}.*)")
_ITEM = re.compile(r"( {0,3}(?:[-+*]|(\d{1,9})[.)]))(?: {1,4}(?=[^ \t\r\n])| (?= *[^ \t\r\n])|(?=([ \t]*[\r\n]*)$))")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})[\r\n]*")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t\r\n]")
_QUOTATION = re.compile(r" {0,3}>")
_FORMULA = re.compile(r" {0,3}(?P<begin>\$\$|\\\[)(?:.*?(?P<end>\$\$|\\\])(?P<after>.*)|.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """The fence above code; ``indent`` is its indentation, up to which the lines of its code lose theirs.

    ``info`` is the text behind the fence, which begins with the language.
    """

    mark: str
    indent: int
    info: str = ""

    def is_closed_by(self, line: str) -> bool:
        """Whether ``line`` is the fence below the code."""
        text = line.strip(" \t\r\n")
        return indent_of(line) < 4 and len(text) >= len(self.mark) and not text.strip(self.mark[0])

    def may_be_closed_by(self, begun: str) -> bool:
        """Whether a line that has ``begun`` so may become the fence below the code."""
        return indent_of(begun) < 4 and not begun.strip(" \t").strip(self.mark[0])

    def unindented(self, line: str) -> str:
        """``line`` without the indentation of the fence."""
        return line[min(self.indent, len(line) - len(line.lstrip(" "))) :]


@dataclass(frozen=True, slots=True)
class Item:
    """The first line of a list item; its text has the indentation ``indent``.

    ``kind`` is the bullet, or what stands behind the number: items of one kind are of one list. ``interrupts``: it need
    not be in a list to begin one in the middle of a paragraph.
    """

    kind: str
    indent: int
    interrupts: bool
    is_empty: bool


def indent_of(line: str) -> int:
    """The indentation of ``line``; a tab is enough for code, or for the text of most items."""
    text = line.lstrip(" ")
    return len(line) - len(text) + (4 if text.startswith("\t") else 0)


def fence_of(line: str) -> Fence | None:
    """The fence that ``line`` opens. Backticks with their code on the same line open none."""
    found = _FENCE.match(line.rstrip("\r\n"))
    return Fence(found[2], len(found[1]), found[3]) if found else None


def may_be_fence(begun: str) -> bool:
    """Whether a line that has ``begun`` so may become a fence."""
    return bool(_HALF_FENCE.fullmatch(begun))


def item_of(line: str) -> Item | None:
    """The list item that ``line`` begins."""
    found = _ITEM.match(line)
    if not found or _RULE.fullmatch(line):
        return None
    is_empty = found[3] is not None
    return Item(found[1][-1], found.end() + is_empty, found[2] in {None, "1"} and not is_empty, is_empty)


def is_whole_block(line: str) -> bool:
    """Whether ``line`` is a block of its own, wherever it is outside code: a heading, a rule or a formula."""
    found = _FORMULA.fullmatch(line)
    return bool(
        _RULE.fullmatch(line) or _HEADING.match(line) or (found and found["end"] and not found["after"].strip())
    )


def is_in_block(line: str) -> bool:
    """Whether ``line`` is in the item of a list, or in a quotation."""
    return bool(item_of(line) or _QUOTATION.match(line))


def ends_list(line: str) -> bool:
    """Whether ``line``, less indented than the text of a list's items, cannot go on with a paragraph of them."""
    return bool(_QUOTATION.match(line) or fence_of(line))


def formula_end(line: str) -> str:
    """What ends the formula of several lines that ``line`` begins; "" if it begins none."""
    found = _FORMULA.fullmatch(line)
    if not found or found["end"]:
        return ""
    return "$$" if found["begin"] == "$$" else "\\]"
