"""Swaps, which put HTML at places of the page, and frames, which carry them through the websocket.

A frame also has facts, for the page's own script: which turn was accepted, taken over into the session, ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

#: Bytes of HTML in a frame, unless one swap alone has more: what is larger than 8 MiB would close the socket.
LARGEST_FRAME = 512 * 1024


def swap(target: str, how: str, html: str) -> SafeString:
    """``html`` for every element that the selector ``target`` matches; ``how`` is one of htmx's swap styles."""
    return format_html('<hx-partial hx-target="{}" hx-swap="{}">{}</hx-partial>', target, how, html)


def frame(swaps: Iterable[str], facts: Mapping[str, str] | None = None) -> str:
    """One websocket message. ``facts`` are not shown: the page's script acts on them."""
    content = joined(*swaps)
    return json.dumps({"content": content, **facts}) if facts else content


def frames(swaps: Iterable[str], facts: Mapping[str, str] | None = None) -> Iterator[str]:
    """As few websocket messages as are small enough, in their order; the ``facts`` come with the last."""
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
    """Pieces of HTML, one behind the other."""
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def render(template: str, **context: Any) -> SafeString:
    """The HTML of one of the page's templates."""
    return render_to_string(f"chat/{template}", context)
