"""What tests read of an answer and of a session."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chat_client import ChatClient, Event, TextDelta


async def said(chat: ChatClient, session: str) -> list[str]:
    """The remembered texts of a session, oldest first."""
    return [message.text for message in (await chat.session(session).messages()).messages]


async def first_text(events: AsyncGenerator[Event]) -> str:
    """The first piece of the reply; the events after it are still to be read."""
    async for event in events:
        if isinstance(event, TextDelta):
            return event.text
    raise AssertionError


async def text_of(events: AsyncGenerator[Event]) -> str:
    """The text of all pieces that are still to be read."""
    return "".join([event.text async for event in events if isinstance(event, TextDelta)])
