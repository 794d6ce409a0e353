"""The work of rendering Markdown, estimated from the text before any of it is done, and limits for it.

A unit is about a microsecond on an idle core. The estimates are upper bounds, and quick: ordinary text takes about half
as long as estimated, and no text is known to take much longer. With a clock instead, a reply would be formatted on one
page load and plain text on the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Work for one message: enough for 100,000 characters of lists, code, links and tables.
MESSAGE_WORK = 300_000
#: Work for all the messages of a page or of one update of it.
PAGE_WORK = 400_000
#: Work for the colours of code, for one message and for all of them: 20,000 and 40,000 characters of code.
MESSAGE_COLOURS, PAGE_COLOURS = 120_000, 240_000
#: Characters of HTML, for one message and for all of them.
MESSAGE_HTML, PAGE_HTML = 600_000, 1_000_000

#: Per line, per list or quotation marker at the beginning of a line, per table cell.
_LINE, _MARKER, _CELL = 20, 20, 12
#: Per character, and per possible markup character in a paragraph; extra work for some of them.
_CHARACTER, _SPECIAL = 0.4, 3.5
_MORE = {"[": 15, "](": 40, "<": 15, "*": 5, "_": 5, "~": 5, '"': 0.5, "&": 1, "://": 40, "$": 3, "\\(": 3, "\\[": 3}
#: Per opening bracket and character up to the end of its paragraph: the search for the closing bracket.
_SEARCHED = 0.2
#: Per beginning of a formula on lines of its own: the search for its end.
_SEARCHED_LINES = 60
#: Per formula, and per character of it.
_FORMULA, _TEX = 60, 15
#: Per piece of code that is coloured, and per character of it.
_CODE, _COLOUR = 300, 6

_SPECIALS = "\n!#$%&*+-:<=>@[\\]^_`{}~"
_MARKERS = re.compile(r"^[ \t]*(?:(?:>|(?:[-+*]|\d{1,9}[.)])(?![^\s]))[ \t]*)+", re.MULTILINE)
_END_OF_MARKER = re.compile(r"[-+*>.)]")
_TABLE_RULE = re.compile(r"[>\d.)+* \t]*[|:-][|: \t-]*")
_RULE = re.compile(r"-+")
_EMPTY = re.compile(r"[> \t]*")
#: Brackets for which that search is short.
_SIMPLE_PAIR = re.compile(r"\[[^\[\]`<\\]*\]")


class TooMuchMarkdown(Exception):
    """The text takes more work, or becomes more HTML, than is allowed."""


class Allowance:
    """The work and HTML that are left for one message; with ``page``, out of what is left for a page.

    Work for ``colours`` is apart: without it, code is plain.
    """

    __slots__ = ("_colours", "_html", "_page", "_work")

    def __init__(
        self,
        work: float = MESSAGE_WORK,
        html: int = MESSAGE_HTML,
        colours: float = MESSAGE_COLOURS,
        page: Allowance | None = None,
    ) -> None:
        self._work = work
        self._html = html
        self._colours = colours
        self._page = page

    @classmethod
    def of_page(cls) -> Allowance:
        """The allowance for all the messages of a page."""
        return cls(PAGE_WORK, PAGE_HTML, PAGE_COLOURS)

    def of_message(self) -> Allowance:
        """The allowance for one message of this page."""
        return Allowance(page=self)

    def spend(self, *, work: float = 0, html: int = 0, colours: float = 0) -> None:
        """Use these up. Raises `TooMuchMarkdown`: not enough is left; then nothing is used up."""
        if work > self._work or html > self._html or colours > self._colours:
            raise TooMuchMarkdown
        if self._page:
            self._page.spend(work=work, html=html, colours=colours)
        self._work -= work
        self._html -= html
        self._colours -= colours

    def end_colours(self) -> None:
        """Leave the code that follows plain."""
        self._colours = 0
        if self._page:
            self._page.end_colours()


def block_work(text: str) -> float:
    """The work of finding the paragraphs, lists and tables in ``text``, and of writing their HTML."""
    text = text.replace("\r", "\n")
    lines = text.split("\n")
    markers = sum(len(_END_OF_MARKER.findall(found)) for found in _MARKERS.findall(text))
    written = sum(map(bool, lines))
    formulas = text.count("$$") + text.count("\\[")
    found = _LINE * written + _MARKER * markers + _CELL * cells(lines) + _SEARCHED_LINES * formulas
    return found + _CHARACTER * len(text)


def cells(lines: Iterable[str]) -> int:
    """The maximum number of table cells in ``lines``: each row of a table has as many as the head."""
    count = columns = 0
    for line in lines:
        if "|" in line and _TABLE_RULE.fullmatch(line):
            columns = max(columns, len(_RULE.findall(line)))
            count += columns  # the head's
        elif columns and _EMPTY.fullmatch(line):
            columns = 0
        else:
            count += columns
    return count


def inline_work(paragraphs: Iterable[str]) -> float:
    """The work of finding emphasis, code and links in ``paragraphs``, and of writing their HTML."""
    texts = list(paragraphs)
    together = "\n".join(texts)
    specials = sum(map(together.count, _SPECIALS))
    more = sum(work * together.count(mark) for mark, work in _MORE.items())
    return _SPECIAL * specials + more + _SEARCHED * sum(_searched(text) for text in texts if "[" in text)


def formula_work(tex: str) -> float:
    """The work of converting a formula."""
    return _FORMULA + _TEX * len(tex)


def colour_work(code: str) -> float:
    """The work of colouring ``code``."""
    return _CODE + _COLOUR * len(code)


def most_work(text: str) -> float:
    """An upper bound for all the work on ``text``, known before its paragraphs are."""
    begun = text.count("$") // 2 + text.count("\\(") + text.count("\\[")
    formulas = _FORMULA * begun + _TEX * len(text) if begun else 0
    return block_work(text) + inline_work([text]) + formulas


def _searched(paragraph: str) -> int:
    """The maximum number of characters read in search of closing brackets."""
    brackets = paragraph.count("[") - len(_SIMPLE_PAIR.findall(paragraph))
    return brackets * (len(paragraph) - paragraph.index("["))
