"""Messages as places in a session, by their number or by the id that clients know."""

from __future__ import annotations

from chat.api.ai_sdk.message_ids import ids_of, number_in
from chat.domain.exceptions import InvalidMessageId, UnknownMessage
from chat.domain.messages import Message
from chat.domain.session_ids import Session
from chat.sessions.inspection import find_message
from chat.turns.ports import MemoryPort
from chat.turns.validation import check_place

#: The newest messages, among which one can be named by the id of its turn.
SEARCHED = 200


async def place_of(session: Session, named: str, memory: MemoryPort) -> str:
    """The number of the message that a client names: its number, "0" for the place before all, or its id.

    Raises `InvalidMessageId`: it is malformed; `UnknownMessage`: it is not among the newest messages.
    """
    named = number_in(named)
    if named.isdecimal():
        return check_place(named) or "0"
    return (await _by_id(session, named, memory)).id or "0"


async def message_at(session: Session, named: str, memory: MemoryPort) -> Message:
    """The message that a client names. Raises as `place_of`."""
    named = number_in(named)
    if not named.isdecimal():
        return await _by_id(session, named, memory)
    check_place(named)
    if (found := await find_message(memory, session.memory_id, named)) is None:
        raise UnknownMessage
    return found


async def _by_id(session: Session, named: str, memory: MemoryPort) -> Message:
    if "." not in named:  # an id is that of a turn, with an ending
        raise InvalidMessageId
    messages = (await memory.list_messages(session.memory_id, limit=SEARCHED)).messages
    for message, message_id in zip(messages, ids_of(messages), strict=True):
        if message_id == named:
            return message
    raise UnknownMessage
