"""Markdown of the model as HTML that may stand in a page, whole or while it still grows."""

from __future__ import annotations

import re

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

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def render_markdown(text: str) -> SafeString:
    """``text`` as sanitised HTML: no scripts, no images, no ids or classes, links that tell nobody where from."""
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_OFFSET)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(_cleaner.clean(html))  # noqa: S308 - the cleaner has been over it


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
