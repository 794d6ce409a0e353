"""Finding the message that is to be answered again."""

from __future__ import annotations

from chat_client.exceptions import ChatError
from chat_client.records import UIMessage
from chat_client.session import Session


async def question(session: Session, message: str | None) -> UIMessage:
    """The user's message that ``message`` is or answers; None: the last one.

    Raises `ChatError` (``unknown_message``): the session has no such message.
    """
    if message is None:
        found = (await session.messages()).messages
        return _last_of_user(found)
    named = await session.message(message)
    if named.role == "user" or named.metadata.number is None:
        return named
    page = await session.messages(before=named.metadata.number)
    return _last_of_user(page.messages)


def _last_of_user(messages: list[UIMessage]) -> UIMessage:
    for each in reversed(messages):
        if each.role == "user":
            return each
    raise ChatError("unknown_message", "There is no message of the user that could be answered again.")
