"""Opaque cursors: where a list continues, in a form that clients pass back without reading it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec

from chat.domain.exceptions import InvalidRequest

#: The most characters of a cursor.
LONGEST = 1000


def cursor_of(place: object) -> str:
    """The cursor for ``place``, anything that JSON can hold."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_in(cursor: str, kind: Any) -> Any:
    """The place in a cursor, as a ``kind``. Raises `InvalidRequest`: it does not come from this list."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, RecursionError):  # not ASCII, not base64, not JSON, or another list's
        raise InvalidRequest("cursor") from None
