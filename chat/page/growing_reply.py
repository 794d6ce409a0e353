"""A reply while it grows: what is whole as HTML, code from its first line, the rest as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it.token import Token

from chat.page.fenced_lines import FencedLines
from chat.page.markdown import Env, parse, write
from chat.page.markdown_code import OpenCode, code_token
from chat.page.markdown_direction import list_of
from chat.page.markdown_work import Allowance, TooMuchMarkdown, block_work
from chat.page.reply_parts import Blocks, Code, Division, Part, merged

_NOTHING = SafeString()
#: The level of paragraphs in the items of a list that is in no other.
_IN_ITEM = 2


@dataclass(frozen=True, slots=True)
class Growth:
    """What a piece of a reply changes on the page.

    ``inside`` is HTML for the end of the last block, a list or code, and ``blocks`` is HTML for behind it. ``tail`` is
    text for the end of the plain text below, or in its place if it ``replaces`` that. ``code`` is HTML in place of the
    code that is the last block. With code in it, the tail is HTML, too.
    """

    inside: SafeString = _NOTHING
    blocks: SafeString = _NOTHING
    tail: str = ""
    replaces: bool = False
    code: SafeString = _NOTHING

    def __add__(self, later: Growth) -> Growth:
        """Both changes, without the plain text below."""
        return Growth(self.inside + later.inside, self.blocks + later.blocks, code=self.code + later.code)


class GrowingReply:
    """A reply as it arrives, divided so that what is drawn stays as it is when the whole reply is drawn.

    Only a link whose target is given later, and a list that becomes loose after its second item, are drawn again then.
    Each character is read once and rendered at most once, code a second time when its colours are known, so the work
    grows with the reply's length. Once the reply exceeds the allowance of a message, the rest of it stays plain text.
    """

    __slots__ = ("_code", "_division", "_env", "_fenced", "_loose", "_plain", "_unshown")

    def __init__(self) -> None:
        self._division = Division()
        #: Among others, the list that is the last block on the page.
        self._env: Env = {"allowance": Allowance(), "list": None}
        #: Whether the items of that list are paragraphs.
        self._loose = False
        #: The code that is the last block on the page, until its end.
        self._code = OpenCode("")
        #: Where the plain text below the blocks is code.
        self._fenced = FencedLines()
        #: Text that is no longer divided, once the reply exceeds its allowance.
        self._plain: list[str] | None = None
        #: The end of the text, if it is not shown yet.
        self._unshown = ""

    @property
    def tail(self) -> str:
        """The text that is not in blocks."""
        return self._division.rest if self._plain is None else "".join(self._plain)

    def add(self, text: str) -> list[Part]:
        """The parts that ``text`` completes, to be rendered next."""
        self._unshown += text
        if self._plain is None:
            return merged(self._division.read(text))
        self._plain.append(text)
        return []

    def drawn(self, parts: Sequence[Part]) -> list[str]:
        """The Markdown that `render` will draw for ``parts``."""
        ends = any(isinstance(part, Code) and part.ends for part in parts)
        return [*(part.source for part in parts), self._code.fence if ends else ""]

    def render(self, parts: Sequence[Part]) -> Growth:
        """What is new on the page since the last call, ``parts`` in particular."""
        growth = Growth()
        for at, part in enumerate(parts):
            try:
                growth += self._draw_code(part) if isinstance(part, Code) else self._draw_blocks(part)
            except TooMuchMarkdown:
                self._plain = [*(left.source for left in parts[at:]), self._division.rest]
                break
        return self._with_tail(growth, replaces=bool(parts))

    def _with_tail(self, growth: Growth, *, replaces: bool) -> Growth:
        text = self.tail if replaces else self._unshown
        end = len(text) - (self._division.hidden if self._plain is None else 0)
        self._unshown = text[end:]
        if replaces:
            self._fenced = FencedLines()
        tail = self._fenced.shown(text[:end]) if self._plain is None else text[:end]
        return replace(growth, tail=tail, replaces=replaces)

    def _draw_code(self, code: Code) -> Growth:
        self._env["allowance"].spend(work=block_work(code.source))
        self._env["list"] = None
        if code.begins:
            token = code_token(code.text, code.info, is_open=not code.ends)
            self._code = OpenCode(code.info)
            growth = Growth(blocks=write([token], self._env))
        else:
            growth = Growth(inside=escape(code.text))
            self._env["allowance"].spend(html=len(growth.inside))
        self._code.add(code.text)
        return growth if code.begins or not code.ends else self._end_code(growth)

    def _end_code(self, growth: Growth) -> Growth:
        html = self._code.coloured(self._env["allowance"])
        return growth if html is None else Growth(code=html)

    def _draw_blocks(self, part: Blocks) -> Growth:
        tokens = parse(part.source, self._env)
        if not tokens:  # only the targets of links
            self._env["list"] = None
            return Growth()
        end = _end_of_block(tokens) if self._env["list"] and list_of(tokens[0]) == self._env["list"] else 0
        begin = _begin_of_last_block(tokens)
        if end and (self._loose or (part.loose and end > begin)):
            _loosen(tokens[:end])
        if part.loose and begin >= end:
            _loosen(tokens[begin:])
        self._loose = part.loose or _is_loose(tokens[begin:]) or (self._loose and end > begin)
        if begin or not end:
            self._env["list_direction"] = tokens[begin].attrGet("dir") or self._env["direction"]
        self._env["list"] = list_of(tokens[begin])
        return Growth(write(tokens[1 : max(1, end - 1)], self._env), write(tokens[end:], self._env))


def _end_of_block(tokens: Sequence[Token]) -> int:
    return next(at for at, token in enumerate(tokens, 1) if token.level == 0 and token.nesting <= 0)


def _begin_of_last_block(tokens: Sequence[Token]) -> int:
    return next(at for at in reversed(range(len(tokens))) if tokens[at].level == 0 and tokens[at].nesting >= 0)


def _loosen(items: Sequence[Token]) -> None:
    """Make paragraphs of the text of ``items``, as in a list with a blank line between them."""
    for token in items:
        if token.type in {"paragraph_open", "paragraph_close"} and token.level == _IN_ITEM:
            token.hidden = False


def _is_loose(block: Sequence[Token]) -> bool:
    paragraphs = (token for token in block if token.type == "paragraph_open" and token.level == _IN_ITEM)
    return any(not paragraph.hidden for paragraph in paragraphs)
