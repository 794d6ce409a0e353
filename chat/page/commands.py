"""Commands that the page sends through its websocket.

htmx sends a form as the frame ``{"headers": …, "body": {…}}``; the body holds the form's fields.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from chat.domain.exceptions import InvalidFrame
from chat.page import names
from chat.turns.validation import check_turn_id

#: Limit of a frame, in characters. Messages have a smaller limit; a signed copy holds a message and its reply.
LARGEST = 2 * 1024 * 1024


class SendMessage(msgspec.Struct, tag_field="type", tag="send"):
    """Answer ``text`` as the turn ``turn``, in place of the messages behind ``replace_after`` if that is given."""

    text: str
    turn: str
    replace_after: str | None = None


class StopTurn(msgspec.Struct, tag_field="type", tag="stop"):
    """Stop the turn."""

    turn: str


class SaveCopy(msgspec.Struct, tag_field="type", tag="save"):
    """Save the ``signed`` copy of the turn."""

    turn: str
    signed: str


class CheckCopy(msgspec.Struct, tag_field="type", tag="check"):
    """Check whether the exchange in the ``signed`` copy of the turn has been remembered after all."""

    turn: str
    signed: str


class Look(msgspec.Struct, tag_field="type", tag="look"):
    """Check now for changes made elsewhere."""


class Ping(msgspec.Struct, tag_field="type", tag=names.PING):
    """Answer, so that the page knows that its line carries something."""


Command: TypeAlias = SendMessage | StopTurn | SaveCopy | CheckCopy | Look | Ping


class _Envelope(msgspec.Struct):
    body: Command


def decode_command(text: str) -> Command:
    """The command in the frame ``text``; unknown keys are ignored.

    Raises `InvalidFrame`: the text is too long, not JSON, nested too deeply, or not a command. Raises `InvalidTurn`:
    the turn's id is malformed.
    """
    if len(text) > LARGEST:
        raise InvalidFrame("too_long", length=len(text), limit=LARGEST)
    try:
        command = msgspec.json.decode(text, type=_Envelope).body
    except msgspec.ValidationError as error:
        raise InvalidFrame("malformed", problem=error) from None
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise InvalidFrame("not_json", problem=error) from None
    except RecursionError:
        raise InvalidFrame("too_deep") from None
    if not isinstance(command, Look | Ping):
        check_turn_id(command.turn)
    return command
