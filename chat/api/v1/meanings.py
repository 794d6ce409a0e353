"""What it means that the memory server does not know an address: the session, the version, or the call."""

from __future__ import annotations

from collections.abc import Awaitable
from http import HTTPStatus
from typing import TypeVar

from chat.domain.exceptions import ChatError, MemoryRefused, NotSupported
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort

T = TypeVar("T")


async def supported(answer: Awaitable[T]) -> T:
    """The ``answer`` of a call that every memory server but the original has. Raises `NotSupported`."""
    try:
        return await answer
    except MemoryRefused as error:
        raise NotSupported() if error.status == HTTPStatus.NOT_FOUND else error from None


async def known(answer: Awaitable[T], unknown: ChatError, session: Session, memory: MemoryPort) -> T:
    """The ``answer`` of a call about something that has to be there.

    Raises ``unknown`` where it is not, and `NotSupported` where the memory server does not have the call.
    """
    try:
        return await answer
    except MemoryRefused as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    raise unknown if (await memory.get_memory(session.memory_id)).can_change else NotSupported
