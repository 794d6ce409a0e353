"""A reply while it grows: what is whole as HTML, code from its first line, the rest as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from markdown_it.token import Token

from chat.page.markdown import Env, parse, write
from chat.page.markdown_direction import list_of
from chat.page.markdown_work import Allowance, TooMuchMarkdown, block_work
from chat.page.reply_parts import Blocks, Code, Division, Part, merged

_NOTHING = SafeString()
#: As it is drawn in the whole reply.
_CODE = '<pre dir="ltr"><code dir="ltr">{}</code></pre>\n'
#: The level of paragraphs in the items of a list that is in no other.
_IN_ITEM = 2


@dataclass(frozen=True, slots=True)
class Growth:
    """What a piece of a reply changes on the page.

    ``inside`` is HTML for the end of the last block, a list or code, and ``blocks`` is HTML for behind it. ``tail`` is
    text for the end of the plain text below, or in its place if it ``replaces`` that.
    """

    inside: SafeString = _NOTHING
    blocks: SafeString = _NOTHING
    tail: str = ""
    replaces: bool = False


class GrowingReply:
    """A reply as it arrives, divided so that what is drawn stays as it is when the whole reply is drawn.

    Only a link whose target is given later, and a list that becomes loose after its second item, are drawn again then.
    Each character is read once and rendered at most once, so the work grows with the reply's length. Once the reply
    exceeds the allowance of a message, the rest of it stays plain text.
    """

    __slots__ = ("_division", "_env", "_loose", "_plain", "_unshown")

    def __init__(self) -> None:
        self._division = Division()
        #: Among others, the list that is the last block on the page.
        self._env: Env = {"allowance": Allowance(), "list": None}
        #: Whether the items of that list are paragraphs.
        self._loose = False
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

    def render(self, parts: Sequence[Part]) -> Growth:
        """What is new on the page since the last call, ``parts`` in particular."""
        inside, blocks = _NOTHING, _NOTHING
        for at, part in enumerate(parts):
            try:
                within, behind = self._draw_code(part) if isinstance(part, Code) else self._draw_blocks(part)
            except TooMuchMarkdown:
                self._plain = [*(left.source for left in parts[at:]), self._division.rest]
                break
            inside, blocks = inside + within, blocks + behind
        return self._growth(inside, blocks, replaces=bool(parts))

    def _growth(self, inside: SafeString, blocks: SafeString, *, replaces: bool) -> Growth:
        text = self.tail if replaces else self._unshown
        end = len(text) - (self._division.hidden if self._plain is None else 0)
        self._unshown = text[end:]
        return Growth(inside, blocks, text[:end], replaces)

    def _draw_code(self, code: Code) -> tuple[SafeString, SafeString]:
        html = format_html(_CODE, code.text) if code.begins else escape(code.text)
        self._env["allowance"].spend(work=block_work(code.source), html=len(html))
        self._env["list"] = None
        return (_NOTHING, html) if code.begins else (html, _NOTHING)

    def _draw_blocks(self, part: Blocks) -> tuple[SafeString, SafeString]:
        tokens = parse(part.source, self._env)
        if not tokens:  # only the targets of links
            self._env["list"] = None
            return _NOTHING, _NOTHING
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
        return write(tokens[1 : max(1, end - 1)], self._env), write(tokens[end:], self._env)


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
