"""Code in Markdown: in a box with the name of its language, a button that copies it, and colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from chat.page import names
from chat.page.code_colours import CLASSES, LONGEST_CODE, coloured
from chat.page.code_languages import LEXERS, language_of
from chat.page.markdown_work import Allowance
from chat.web.language import in_every_language

#: The tags and attributes of the boxes, with all values that those may have.
ELEMENTS: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "div": {"class": frozenset({names.CODE[1:]}), "data-language": frozenset(LEXERS)},
        "span": {"class": CLASSES},
        "button": {
            "type": frozenset({"button"}),
            names.COPY: in_every_language("Copy"),
            "aria-label": in_every_language("Copy the code"),
        },
    }
)


def code_plugin(parser: MarkdownIt) -> None:
    """Write code with ``parser``, whose ``env`` has an ``allowance``."""
    parser.add_render_rule("fence", _render_fence)
    parser.add_render_rule("code_block", _render_indented)


def code_token(code: str, info: str, *, is_open: bool) -> Token:
    """The token of ``code`` behind a fence with ``info``; without colours while it ``is_open``."""
    return Token("fence", "code", 0, content=code, info=info, meta={"open": is_open})


class OpenCode:
    """Code whose end has not arrived; ``info`` stands behind its fence."""

    __slots__ = ("_language", "_length", "_pieces")

    def __init__(self, info: str) -> None:
        self._language = language_of(info)
        self._pieces: list[str] = []
        self._length = 0

    @property
    def fence(self) -> str:
        """The fence above it, if it may be coloured."""
        return f"```{LEXERS[self._language]}" if self._language else ""

    def add(self, text: str) -> None:
        """The next piece of the code. Nothing is kept of code that will not be coloured."""
        self._length += len(text)
        if self._length > LONGEST_CODE:
            self._language = None
        if self._language:
            self._pieces.append(text)
        else:
            self._pieces.clear()

    def coloured(self, allowance: Allowance) -> SafeString | None:
        """The whole code as HTML, when it has ended; None if it stays plain."""
        return coloured("".join(self._pieces), self._language, allowance) if self._language else None


def _render_fence(
    renderer: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> SafeString:
    token = tokens[at]
    language = language_of(token.info)
    if not language or token.meta.get("open"):
        return _box(token.content, language)
    return _box(coloured(token.content, language, env["allowance"]) or token.content, language)


def _render_indented(
    renderer: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> SafeString:
    return _box(tokens[at].content)


def _box(code: str, language: str | None = None) -> SafeString:
    """The style sheet has the words on the button, so that they belong to no text."""
    return render_to_string("chat/_code.html", {"code": code, "language": language})
