"""The place where a search continues, as clients pass it back."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from motorhead.exceptions import BadRequest


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the order of a search: namespaces by mark, their sessions newest first, their messages newest first.

    ``updated``: when the session was last active, as listed (ms). ``before``: continue with messages below this number;
    0: after the session; -1: with its summary. ``began``: when the newest session was last active as this pass through
    the namespace began (ms). ``floor``: sessions that were last active before are not part of this pass (ms).
    """

    namespace: bytes
    updated: int
    session: bytes
    before: int
    began: int
    floor: int

    def __str__(self) -> str:
        """The cursor as text that is safe in a URL."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


_decode = msgspec.json.Decoder(Cursor).decode


def read_cursor(text: str) -> Cursor:
    """The cursor written as ``text``. Raises `BadRequest`: no search returned it."""
    try:
        return _decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.DecodeError):
        raise BadRequest("This cursor was not returned by a search; search again from the start.") from None
