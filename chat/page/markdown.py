"""Markdown of the model as HTML that is safe in a page."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from chat.page.markdown_work import Allowance, block_work, inline_work

#: A heading in a reply is below the page's own, which end at the third level.
HEADING_OFFSET = 3

#: Levels of nesting. Deeper lists and quotations are left out.
DEEPEST = 20


def _spend_on_paragraphs(state: StateCore) -> None:
    """Called when the paragraphs are known, but not yet parsed."""
    paragraphs = (token.content for token in state.tokens if token.type == "inline")
    state.env["allowance"].spend(work=inline_work(paragraphs))


_parser = MarkdownIt("js-default", {"html": False, "breaks": True}).disable("image")
_parser.options["maxNesting"] = DEEPEST
_parser.core.ruler.before("inline", "allowance", _spend_on_paragraphs)
# The first use completes the parser, which must not happen in two threads at once.
_parser.parse("", {"allowance": Allowance()})

_cleaner = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a"),
        *("ul", "ol", "li", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"a": {"href"}, "ol": {"start"}},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    # A "<hx-…" inside an attribute would be taken for a tag by htmx, which rewrites it before the browser parses.
    attribute_filter=lambda tag, name, value: None if "<" in value else value,
)


def render_markdown(text: str, allowance: Allowance | None = None) -> SafeString:
    """``text`` as sanitised HTML: no scripts, no images, no ids or classes, links that send no referrer.

    Raises `TooMuchMarkdown`: it exceeds the ``allowance`` (by default, that of one message).
    """
    allowance = allowance or Allowance()
    allowance.spend(work=block_work(text))
    tokens = _parser.parse(text, {"allowance": allowance})
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_OFFSET)}"
    html = _cleaner.clean(_parser.renderer.render(tokens, _parser.options, {}))
    allowance.spend(html=len(html))
    return mark_safe(html)  # noqa: S308 - the cleaner has sanitised it
