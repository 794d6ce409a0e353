"""Divides Markdown that arrives in pieces into parts that can be drawn: whole blocks, list items, and code at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from chat.page.line_kinds import (
    Fence,
    Item,
    ends_list,
    fence_of,
    formula_end,
    indent_of,
    is_whole_block,
    item_of,
    may_be_fence,
)

_PIECE_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BLANK = " \t\r\n"
#: Characters of a line that show whether it is an item of a list; and up to which it may still become a fence or rule.
_TELLING, _LONGEST_MARK = 12, 64


@dataclass(slots=True)
class Blocks:
    """Markdown of whole blocks. ``loose``: a blank line and another item follow the list at its end."""

    source: str
    loose: bool = False


@dataclass(slots=True)
class Code:
    """Code between fences, in a block that ``begins`` here or was begun before; the ``source`` has the fences, too.

    ``info`` is the text behind the first fence, if that is in this part; ``ends``: the last one is.
    """

    source: str
    text: str = ""
    begins: bool = False
    info: str = ""
    ends: bool = False


Part: TypeAlias = Blocks | Code


class Division:
    """Reads a reply in pieces. Each character is read once, and looked at a few times at most."""

    __slots__ = (
        *("_begins_block", "_fence", "_formula_end", "_held", "_item", "_judged"),
        *("_length", "_line", "_sent", "_text", "_uncertain"),
    )

    def __init__(self) -> None:
        #: The text before the current line, and the line, as far as they are in no part yet.
        self._text: list[str] = []
        self._line: list[str] = []
        self._length = 0
        #: A carriage return at the end of the last piece: a newline may follow.
        self._held = ""
        #: Of the current line: whether it is known to begin a block or not, and whether its beginning is in a part.
        self._judged = self._sent = False
        #: Whether the next line begins a block, or an item, unless it is indented.
        self._begins_block = True
        #: The open fence outside any list, and the last item of the open list.
        self._fence: Fence | None = None
        self._item: Item | None = None
        #: Until the next blank line it is unknown whether lines belong to the list.
        self._uncertain = False
        #: What ends the open formula; "" outside formulas.
        self._formula_end = ""

    @property
    def rest(self) -> str:
        """The text that is in no part yet."""
        return "".join([*self._text, *([] if self._sent else self._line), self._held])

    @property
    def hidden(self) -> int:
        """The length of the end of `rest` that may become a fence, and should not be shown as text before."""
        line = "" if self._sent or self._length > _LONGEST_MARK else "".join(self._line)
        return len(self._held) + (len(line) if self._fence or may_be_fence(line) else 0)

    def read(self, text: str) -> Iterator[Part]:
        """The parts that the next piece of the reply completes."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        for piece in _PIECE_OF_LINE.findall(text.removesuffix(self._held)):
            self._line.append(piece)
            self._length += len(piece)
            ended = piece[-1] in "\r\n"
            yield from self._read_code(piece, ended) if self._fence else self._read_text(ended)
            if ended:
                self._line.clear()
                self._length = 0
                self._judged = self._sent = False

    # --- code ----------------------------------------------------------------------------------------------------

    def _read_code(self, piece: str, ended: bool) -> Iterator[Code]:
        assert self._fence  # noqa: S101 - see `read`
        if self._sent:
            yield Code(piece, _with_newline(piece))
            return
        line = "".join(self._line)
        if ended and self._fence.is_closed_by(line):
            self._fence = None
            self._begins_block = True
            yield Code(line, ends=True)
        elif ended or self._length > _LONGEST_MARK or not self._fence.may_be_closed_by(line):
            self._sent = True
            yield Code(line, _with_newline(self._fence.unindented(line)))

    # --- other blocks --------------------------------------------------------------------------------------------

    def _read_text(self, ended: bool) -> Iterator[Part]:
        if not self._judged and (ended or self._is_telling()):
            self._judged = True
            line = "".join(self._line)
            if line[0] not in _BLANK:
                yield from self._cut_before(item_of(line))
        if ended:
            yield from self._end_line("".join(self._line))

    def _is_telling(self) -> bool:
        """Whether the current line is long enough to see whether it is an item of a list."""
        first = self._line[0][0]
        if (first not in "-+*" and not first.isdigit()) or self._length > _LONGEST_MARK:
            return True
        return self._length >= _TELLING and bool("".join(self._line).strip(f"{first} \t"))

    def _cut_before(self, item: Item | None) -> Iterator[Blocks]:
        """A part that ends before the current line, which is not indented, if that begins a block or ``item``."""
        if self._uncertain or self._formula_end or not self._text:
            return
        if self._begins_block or (item and (self._item or item.interrupts)):
            loose = bool(self._begins_block and item and self._item and item.kind == self._item.kind)
            yield Blocks("".join(self._text), loose)
            self._text.clear()

    def _end_line(self, line: str) -> Iterator[Part]:
        fence = None if self._is_within_item(line) else fence_of(line)
        if fence:
            yield from self._begin_code(line, fence)
            return
        self._text.append(line)
        if not line.strip(_BLANK):
            if self._item and self._item.is_empty:
                self._item = None
            self._begins_block, self._uncertain, self._formula_end = True, False, ""
            return
        begun, self._begins_block = self._begins_block, False
        if self._is_within_item(line):
            self._item = self._item and replace(self._item, is_empty=False)
        elif self._formula_end:
            self._end_formula(line)
        else:
            self._note_block(line, begun)

    def _begin_code(self, line: str, fence: Fence) -> Iterator[Part]:
        if self._text:
            yield Blocks("".join(self._text))
            self._text.clear()
        self._fence, self._item, self._uncertain, self._formula_end = fence, None, False, ""
        yield Code(line, begins=True, info=fence.info)

    def _is_within_item(self, line: str) -> bool:
        return self._item is not None and indent_of(line) >= self._item.indent

    def _note_block(self, line: str, begun: bool) -> None:
        """Note what ``line`` begins or ends; ``begun``: it begins a block, whatever it is."""
        item = item_of(line)
        if item and (begun or self._item or item.interrupts):
            self._item = item
        elif is_whole_block(line):
            self._item, self._begins_block, self._uncertain = None, True, False
        else:
            self._item = None if begun or ends_list(line) else self._item
            # Without a blank line before it, it may go on with the paragraph of an item.
            self._uncertain = self._item is not None
            self._formula_end = "" if self._item else formula_end(line)

    def _end_formula(self, line: str) -> None:
        if self._formula_end in line:
            self._begins_block = line.rstrip(_BLANK).endswith(self._formula_end)
            self._formula_end = ""


def _with_newline(line: str) -> str:
    return line.replace("\r\n", "\n").replace("\r", "\n")


def merged(parts: Iterable[Part]) -> list[Part]:
    """``parts`` with neighbours joined: together they take less work than apart."""
    runs: list[list[Part]] = []
    for part in parts:
        if runs and type(part) is type(runs[-1][0]) and not (isinstance(part, Code) and part.begins):
            runs[-1].append(part)
        else:
            runs.append([part])
    return [run[0] if len(run) == 1 else _joined(run) for run in runs]


def _joined(run: Sequence[Part]) -> Part:
    source = "".join(part.source for part in run)
    if isinstance(run[-1], Blocks):
        return Blocks(source, run[-1].loose)
    code = [part for part in run if isinstance(part, Code)]
    return Code(source, "".join(part.text for part in code), code[0].begins, code[0].info, code[-1].ends)
