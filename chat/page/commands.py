"""The frames that the page sends: htmx's ``{"headers": …, "body": {…}}`` with the fields of a form in its body."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from chat.domain.exceptions import InvalidFrame
from chat.turns.validation import check_turn_id

#: Bytes of a frame. A message has its own, smaller limit; a signed copy holds a message and its reply.
LARGEST = 2 * 1024 * 1024


class Send(msgspec.Struct, tag_field="type", tag="send"):
    """Answer ``text`` as the turn ``turn``."""

    text: str
    turn: str


class Stop(msgspec.Struct, tag_field="type", tag="stop"):
    """Stop the turn."""

    turn: str


class Save(msgspec.Struct, tag_field="type", tag="save"):
    """Remember the ``signed`` copy of the turn after all."""

    turn: str
    signed: str


class Check(msgspec.Struct, tag_field="type", tag="check"):
    """Look whether the ``signed`` copy of the turn stands in the memory after all."""

    turn: str
    signed: str


class Look(msgspec.Struct, tag_field="type", tag="look"):
    """Look at once for what may have happened elsewhere."""


Frame: TypeAlias = Send | Stop | Save | Check | Look


class _Envelope(msgspec.Struct):
    body: Frame


def decode(text: str) -> Frame:
    """The frame in ``text``. Raises `InvalidFrame` or `InvalidTurn` with what is wrong. Unknown keys are ignored."""
    if len(text) > LARGEST:
        raise InvalidFrame("too_long", length=len(text), limit=LARGEST)
    try:
        frame = msgspec.json.decode(text, type=_Envelope).body
    except msgspec.ValidationError as error:
        raise InvalidFrame("malformed", problem=error) from None
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise InvalidFrame("not_json", problem=error) from None
    if not isinstance(frame, Look):
        check_turn_id(frame.turn)
    return frame
