"""The ids of messages, the same in the stream of an answer and in the history of its session."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from chat.domain.messages import Message


def reply_id(turn_id: str) -> str:
    """The id of a turn's reply.

    Not the turn's id itself: a client may have named the turn after the user's message, and two messages with the same
    id would replace each other on its page.
    """
    return f"{turn_id}.reply"


def question_id(turn_id: str) -> str:
    """The id of the user's message in a turn."""
    return f"{turn_id}.message"


def ids_of(messages: Sequence[Message]) -> list[str]:
    """The id of each of a page's ``messages``: by its turn, or by its number if it is part of none."""
    found: list[str] = []
    for message in messages:
        named = _by_turn(message)
        found.append(named if named is not None and named not in found else _by_itself(message, found))
    return found


def _by_turn(message: Message) -> str | None:
    if not message.key:
        return None
    return reply_id(message.key) if message.is_reply else question_id(message.key)


def _by_itself(message: Message, taken: Sequence[str]) -> str:
    """The original memory server does not number messages: there, the text has to do."""
    if message.id is not None:
        return message.id
    digest = sha256(f"{message.role}\0{message.content}".encode(errors="replace")).hexdigest()[:16]
    return next(each for each in (f"{digest}-{place}" for place in range(len(taken) + 1)) if each not in taken)
