"""The ids of messages, the same in the stream of an answer and in the history of its session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import uuid4

from chat.domain.messages import Message
from chat.turns.validation import LONGEST_TURN_ID

#: How the turns begin that clients do not name themselves.
_PREFIX = "ai-"
#: How the ids end that a turn gives to its messages, and how those begin that a message has by its number.
_REPLY, _QUESTION, _NUMBERED = ".reply", ".message", "memory-"
#: How the turns end that a client has named, with a digest of its id for the user's message.
_ASKED = re.compile(r"\.asked-[0-9a-f]{16}\Z")


def turn_of(message_id: str, text: str) -> str:
    """The turn of the user's message that the client has named ``message_id``; without an id, each is a new one."""
    return _PREFIX + (_digest(32, message_id, text) if message_id else uuid4().hex)


def another_turn_of(message_id: str, text: str, request_id: str) -> str:
    """Another turn of the message, for the request ``request_id``. `is_of` recognises it by its beginning."""
    if not message_id:
        return _PREFIX + uuid4().hex
    return _beginning(message_id) + _digest(16, message_id, text, request_id)


def named_turn(name: str, message_id: str) -> str:
    """The turn that the client has named ``name``, of the user's message ``message_id`` ("" if that has no id).

    `is_of` recognises it by its ending, which `name_of` takes off. A name that is too long for one stays as it is.
    """
    turn = name + _asked(message_id)
    return turn if message_id and len(turn) <= LONGEST_TURN_ID else name


def name_of(turn_id: str) -> str:
    """The name that a client has given to the turn ``turn_id``."""
    return _ASKED.sub("", turn_id)


def asked_in(turn_id: str) -> str:
    """The ending of a turn of `named_turn`, which is that of all turns of the same message; "" without one."""
    found = _ASKED.search(turn_id)
    return found[0] if found else ""


def by_ending(message_ids: Iterable[str]) -> dict[str, str]:
    """The ids of a client's messages, by the endings of their turns."""
    return {_asked(each): each for each in message_ids}


def is_of(message_id: str, message: Message) -> bool:
    """Whether ``message`` is, or answers, the one that the client knows as ``message_id``."""
    if message_id.startswith(_NUMBERED):
        return message_id == f"{_NUMBERED}{message.id}"
    turn = message.key
    if not (turn and message_id):
        return False
    if message_id in {reply_id(turn), question_id(turn)} or turn == turn_of(message_id, message.content):
        return True
    return turn.startswith(_beginning(message_id)) or turn.endswith(_asked(message_id))


def is_given(message_id: str) -> bool:
    """Whether an id may be one that this site gives to messages of the memory."""
    return message_id.startswith(_NUMBERED) or message_id.endswith((_REPLY, _QUESTION))


def _beginning(message_id: str) -> str:
    return _PREFIX + _digest(16, message_id)


def _asked(message_id: str) -> str:
    return f".asked-{_digest(16, message_id)}"


def _digest(length: int, *parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:length]


def reply_id(turn_id: str) -> str:
    """The id of a turn's reply.

    Not the turn's id itself: a client may have named the turn after the user's message, and two messages with the same
    id would replace each other on its page.
    """
    return name_of(turn_id) + _REPLY


def question_id(turn_id: str) -> str:
    """The id of the user's message in a turn."""
    return name_of(turn_id) + _QUESTION


def ids_of(messages: Sequence[Message]) -> list[str]:
    """The id of each of a page's ``messages``: by its turn, or by its number if it is part of none."""
    found: list[str] = []
    for message in messages:
        named = _by_turn(message)
        found.append(named if named is not None and named not in found else _by_itself(message, found))
    return found


def number_in(message_id: str) -> str:
    """The number in the id of a message that is part of no turn; any other id, or a number, as it is."""
    number = message_id.removeprefix(_NUMBERED)
    return number if number.isdecimal() else message_id


def _by_turn(message: Message) -> str | None:
    if not message.key:
        return None
    return reply_id(message.key) if message.is_reply else question_id(message.key)


def _by_itself(message: Message, taken: Sequence[str]) -> str:
    """The original memory server does not number messages: there, the text has to do."""
    if message.id is not None:
        return _NUMBERED + message.id
    digest = sha256(f"{message.role}\0{message.content}".encode(errors="replace")).hexdigest()[:16]
    return next(each for each in (f"{digest}-{place}" for place in range(len(taken) + 1)) if each not in taken)
