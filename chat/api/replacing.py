"""Finding the place in a session behind which a send replaces everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat.api.codec import Replaced
from chat.domain.exceptions import AlreadyAnswered, MessageFolded, SaidSince, UnknownMessage
from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort

#: The newest folded messages among which a message is looked for, to say that it is folded.
FOLDED = 100


async def find_place(memory: MemoryPort, session: Session, replaced: Replaced, text: str | None = None) -> str | None:
    """The id of the message behind which all will be withdrawn ("0": everything); None if nothing will be.

    ``text`` is that of the message, if it may be recognised by it, too. Raises `AlreadyAnswered`: this
    memory server cannot withdraw messages; `SaidSince`; `MessageFolded`; `UnknownMessage`: it is not there any more.
    """
    loaded = await memory.get_memory(session.memory_id)
    place = place_in(loaded, replaced, text)
    if place is not None:
        if not loaded.can_change:
            raise AlreadyAnswered
        return place
    if await _is_folded(memory, session, loaded, replaced.is_it):
        raise MessageFolded
    if replaced.was_there:
        raise UnknownMessage
    return None


def place_in(memory: Memory, replaced: Replaced, text: str | None) -> str | None:
    """The same for a loaded ``memory``; None if the message is not in its window. Raises `SaidSince`."""
    window = memory.messages
    asked = [number for number, message in enumerate(window) if not message.is_reply]
    found, must_be_last = _recognised(window, replaced.is_it), replaced.is_last
    if found is None:
        found = max((number for number in asked if window[number].content == text), default=None)
        must_be_last = True  # people say the same twice
    if found is None:
        return None
    if must_be_last and found != asked[-1]:
        raise SaidSince
    return str(window[found - 1].id if found else memory.window.folded)


def _recognised(window: Sequence[Message], is_it: Callable[[Message], bool]) -> int | None:
    """Where the user's message is that ``is_it`` recognises, or whose reply it does."""
    for number, message in enumerate(window):
        if is_it(message):
            return number - 1 if message.is_reply and number and not window[number - 1].is_reply else number
    return None


async def _is_folded(memory: MemoryPort, session: Session, loaded: Memory, is_it: Callable[[Message], bool]) -> bool:
    """Whether the message is among the newest that the summary covers."""
    if not loaded.window.folded:
        return False
    before = loaded.messages[0].id if loaded.messages else None
    page = await memory.list_messages(session.memory_id, before=before, limit=FOLDED)
    return any(map(is_it, page.messages))
