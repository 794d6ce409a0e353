"""Markdown of the model as HTML that is safe in a page.

Markdown here is CommonMark with tables, strikethrough, bare addresses as links, task lists and formulas; footnotes stay
text. One rule differs: each end of a line is a line break, not only one after two blanks or a backslash. Models and
people write addresses, verses and "name: value" in lines, and that is how a growing reply shows them before they are
formatted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from chat.page.markdown_boxes import DONE, TO_DO, boxes_plugin
from chat.page.markdown_code import ELEMENTS as CODE, code_plugin
from chat.page.markdown_direction import direction_plugin
from chat.page.markdown_links import links_plugin
from chat.page.markdown_math import math_plugin
from chat.page.markdown_work import Allowance, block_work, inline_work
from chat.page.mathml import ELEMENTS as MATH
from chat.web.language import in_every_language

#: What the parts of a message share: its allowance, its direction, and the targets of its links by name.
Env: TypeAlias = dict[str, Any]

#: A heading in a reply is below the page's own, which end at the third level.
HEADING_OFFSET = 3

#: Levels of nesting. Deeper lists and quotations are left out.
DEEPEST = 20

_BLOCKS = ("p", "blockquote", "ul", "ol", "li", "h4", "h5", "h6", "table", "th", "td")
_OTHERS = ("br", "hr", "em", "strong", "s", "code", "pre", "a", "thead", "tbody", "tr", "input")
_CODE = {tag: {name: set(values) for name, values in attributes.items()} for tag, attributes in CODE.items()}
_FORMULAS = {tag: set(attributes) for tag, attributes in MATH.items() if attributes}


def _spend_on_paragraphs(state: StateCore) -> None:
    """Called when the paragraphs are known, but not yet parsed."""
    paragraphs = (token.content for token in state.tokens if token.type == "inline")
    state.env["allowance"].spend(work=inline_work(paragraphs))


_parser = MarkdownIt("js-default", {"html": False, "breaks": True}).disable("image")
_parser.options["maxNesting"] = DEEPEST
_parser.use(math_plugin).use(links_plugin).use(boxes_plugin).use(direction_plugin).use(code_plugin)
_parser.core.ruler.before("inline", "allowance", _spend_on_paragraphs)
# The first use completes the parser, which must not happen in two threads at once.
_parser.parse("", {"allowance": Allowance()})

_cleaner = nh3.Cleaner(
    tags={
        *_BLOCKS,
        *("br", "hr", "em", "strong", "s", "code", "pre", "a", "thead", "tbody", "tr", "input"),
        *CODE,
        *MATH,
    },
    attributes={"a": {"href"}, "input": {"checked", "disabled"}, "ol": {"start"}} | _FORMULAS,
    tag_attribute_values={tag: {"dir": {"ltr", "rtl"}} for tag in _BLOCKS}
    | {"input": {"type": {"checkbox"}, "aria-label": {*in_every_language(DONE), *in_every_language(TO_DO)}}}
    | _CODE,
    set_tag_attribute_values={"a": {"target": "_blank"}} | {tag: {"dir": "ltr"} for tag in ("code", "pre", "math")},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    # A "<hx-…" inside an attribute would be taken for a tag by htmx, which rewrites it before the browser parses.
    attribute_filter=lambda tag, name, value: None if "<" in value else value,
)


def render_markdown(text: str, allowance: Allowance | None = None) -> SafeString:
    """``text`` as sanitised HTML: no scripts, images or ids, no classes but those of code, links that send no
    referrer.

    Raises `TooMuchMarkdown`: it exceeds the ``allowance`` (by default, that of one message).
    """
    env = {"allowance": allowance or Allowance()}
    return write(parse(text, env), env)


def parse(text: str, env: Env) -> list[Token]:
    """The tokens of ``text``, a whole message or its next blocks.

    Raises `TooMuchMarkdown`: it exceeds ``env["allowance"]``.
    """
    env["allowance"].spend(work=block_work(text))
    tokens = _parser.parse(text, env)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_OFFSET)}"
    return tokens


def write(tokens: Sequence[Token], env: Env) -> SafeString:
    """``tokens`` as sanitised HTML. Raises `TooMuchMarkdown`: it exceeds ``env["allowance"]``."""
    html = _cleaner.clean(_parser.renderer.render(tokens, _parser.options, env))
    env["allowance"].spend(html=len(html))
    return mark_safe(html)  # noqa: S308 - the cleaner has sanitised it
