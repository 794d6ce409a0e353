"""Markdown of the model as HTML that is safe in a page."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

#: A heading in a reply is below the page's own, which end at the third level.
HEADING_OFFSET = 3

_parser = MarkdownIt("js-default", {"html": False, "breaks": True}).disable("image")
_parser.options["maxNesting"] = 20

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


def render_markdown(text: str) -> SafeString:
    """``text`` as sanitised HTML: no scripts, no images, no ids or classes, links that tell nobody where from."""
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_OFFSET)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_cleaner.clean(html))  # noqa: S308 - the cleaner has been over it
