"""Finding the place in a session behind which a send replaces everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat.api.codec import Replaced, always
from chat.domain.exceptions import AlreadyAnswered, MessageFolded, SaidSince, UnknownMessage
from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort

#: The newest folded messages among which a message is looked for, to say that it is folded.
FOLDED = 100


class AlreadyShown(Exception):
    """The client has the answer that it asks for, as far as it is remembered."""


async def find_place(memory: MemoryPort, session: Session, replaced: Replaced, text: str | None = None) -> str | None:
    """The id of the message behind which all will be withdrawn ("0": everything); None if nothing will be.

    ``text`` is that of the message, if it may be recognised by it, too. Raises `AlreadyShown`; `AlreadyAnswered`: this
    memory server cannot withdraw messages; `SaidSince`; `MessageFolded`; `UnknownMessage`: it is not there any more.
    """
    loaded = await memory.get_memory(session.memory_id)
    if loaded.messages and replaced.is_newest(loaded.messages[-1]):
        return None
    place = place_in(loaded, replaced, text)
    if place is not None:
        if not loaded.can_change:
            raise AlreadyAnswered
        return place
    if (folded := await _folded(memory, session, loaded, replaced.is_it)) is not None:
        raise AlreadyShown if replaced.is_shown(folded) else MessageFolded
    if replaced.was_there:
        raise UnknownMessage if loaded.can_change else AlreadyAnswered
    return None


def place_in(memory: Memory, replaced: Replaced, text: str | None) -> str | None:
    """The same for a loaded ``memory``; None if the message is not in its window.

    Raises `AlreadyShown`, `SaidSince`.
    """
    window = memory.messages
    asked = [number for number, message in enumerate(window) if not message.is_reply]
    found, is_last = _recognised(window, replaced.is_it), replaced.is_last
    if found is None:
        found = max((number for number in asked if window[number].content == text), default=None)
        is_last = always  # people say the same twice
    if found is None or (not found and window[0].is_reply and memory.window.folded):
        return None  # or what it answers is in the summary
    if replaced.is_shown(window[found]):
        raise AlreadyShown
    if is_last(window[found]) and found < max(asked, default=0):
        raise SaidSince
    return str(window[found - 1].id if found else memory.window.folded)


def _recognised(window: Sequence[Message], is_it: Callable[[Message], bool]) -> int | None:
    """Where the user's message is that ``is_it`` recognises, or whose reply it does."""
    for number, message in enumerate(window):
        if is_it(message):
            return number - 1 if message.is_reply and number and not window[number - 1].is_reply else number
    return None


async def _folded(
    memory: MemoryPort, session: Session, loaded: Memory, is_it: Callable[[Message], bool]
) -> Message | None:
    """The message, if it is among the newest that the summary covers."""
    if not loaded.window.folded:
        return None
    before = loaded.messages[0].id if loaded.messages else None
    page = await memory.list_messages(session.memory_id, before=before, limit=FOLDED)
    return next(filter(is_it, page.messages), None)
