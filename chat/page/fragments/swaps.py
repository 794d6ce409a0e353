"""Swaps, which put HTML into places on the page, and frames, which carry swaps through the websocket.

A frame may also have facts for the page's script: which turn was accepted, taken into the session, or ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

#: Bytes of HTML in a frame, unless a single swap has more. A frame above 8 MiB would close the socket.
LARGEST_FRAME = 512 * 1024


def swap(target: str, how: str, html: str) -> SafeString:
    """``html`` for every element that matches the selector ``target``; ``how`` is one of htmx's swap styles."""
    return format_html('<hx-partial hx-target="{}" hx-swap="{}">{}</hx-partial>', target, how, html)


def frame(swaps: Iterable[str], facts: Mapping[str, str] | None = None) -> str:
    """One websocket message. ``facts`` are not shown; they are for the page's script."""
    content = joined(*swaps)
    return json.dumps({"content": content, **facts}) if facts else content


def frames(swaps: Iterable[str], facts: Mapping[str, str] | None = None) -> Iterator[str]:
    """The swaps in order, in as few websocket messages as the limit allows; the ``facts`` come with the last."""
    waiting: list[str] = []
    size = 0
    for piece in swaps:
        size += len(piece.encode())
        if waiting and size > LARGEST_FRAME:
            yield frame(waiting)
            waiting, size = [], len(piece.encode())
        waiting.append(piece)
    yield frame(waiting, facts)


def joined(*pieces: str) -> SafeString:
    """Pieces of HTML, concatenated."""
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def render(template: str, **context: Any) -> SafeString:
    """The HTML of one of the page's templates."""
    return render_to_string(f"chat/{template}", context)
