"""Reads JSON from clients. What is wrong with it becomes a sentence."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec
from msgspec import Raw

from chat.domain.exceptions import InvalidFrame

T = TypeVar("T")

#: The most characters of an id that is repeated to its client.
LONGEST_ID = 128


def decoded(decoder: msgspec.json.Decoder[T], text: str | bytes | Raw) -> T:
    """The decoded ``text``. Raises `InvalidFrame`: it is not JSON, or not what the decoder expects."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise InvalidFrame("malformed", problem=error) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidFrame("not_json", problem=error) from None
    except RecursionError:
        raise InvalidFrame("too_deep") from None


def id_in(text: str, field: str) -> str:
    """The id in a field of a message that cannot be decoded otherwise, for its error; "" if unknown."""
    try:
        # Not decoded by msgspec, which refuses half a character, although that is valid JSON in JavaScript.
        found = json.loads(text)[field]
        found.encode()
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return ""
    return found if 0 < len(found) <= LONGEST_ID else ""
