"""What the page asks for through its websocket.

A frame of htmx is ``{"headers": …, "body": {…}}``, with the fields of a form in its body.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from chat.domain.exceptions import InvalidFrame
from chat.turns.validation import check_turn_id

#: Bytes of a frame. A message has its own, smaller limit; a signed copy holds a message and its reply.
LARGEST = 2 * 1024 * 1024


class SendMessage(msgspec.Struct, tag_field="type", tag="send"):
    """Answer ``text`` as the turn ``turn``."""

    text: str
    turn: str


class StopTurn(msgspec.Struct, tag_field="type", tag="stop"):
    """Stop the turn."""

    turn: str


class SaveCopy(msgspec.Struct, tag_field="type", tag="save"):
    """Remember the ``signed`` copy of the turn after all."""

    turn: str
    signed: str


class CheckCopy(msgspec.Struct, tag_field="type", tag="check"):
    """Look whether the ``signed`` copy of the turn stands in the memory after all."""

    turn: str
    signed: str


class Look(msgspec.Struct, tag_field="type", tag="look"):
    """Look at once for what may have happened elsewhere."""


Command: TypeAlias = SendMessage | StopTurn | SaveCopy | CheckCopy | Look


class _Envelope(msgspec.Struct):
    body: Command


def decode_command(text: str) -> Command:
    """The command in the frame ``text``; unknown keys are ignored.

    Raises `InvalidFrame` or `InvalidTurn` with what is wrong.
    """
    if len(text) > LARGEST:
        raise InvalidFrame("too_long", length=len(text), limit=LARGEST)
    try:
        command = msgspec.json.decode(text, type=_Envelope).body
    except msgspec.ValidationError as error:
        raise InvalidFrame("malformed", problem=error) from None
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise InvalidFrame("not_json", problem=error) from None
    if not isinstance(command, Look):
        check_turn_id(command.turn)
    return command
