"""Messages of a session in a ``MESSAGES_SNAPSHOT``, which replaces those of a client. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from chat.api.ag_ui.events import MessageMetadata, MessagesSnapshot, SnapshotMessage
from chat.api.ai_sdk.message_ids import asked_in, ids_of, question_id, reply_id
from chat.domain.messages import STOPPED_MARK, Message
from chat.sessions.history import History


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The event. ``complete``: the turn's reply is among its messages, so that nothing of it remains to be sent."""

    event: MessagesSnapshot
    complete: bool


def snapshot_of(
    history: History, turn_id: str | None = None, text: str = "", *, known: Mapping[str, str] = MappingProxyType({})
) -> Snapshot:
    """The snapshot of a session. The user's message ``text`` of the turn ``turn_id`` is always among its messages.

    ``known`` has the client's own ids for messages of the user, by the endings of their turns: a client does not see
    that it has a message which comes with another id, and puts it at the end.
    """
    messages = [_message(message, message_id) for message, message_id in _named(history.messages, known)]
    asked = history.question
    ids = {message.id for message in messages}
    if asked is not None and _question_id(asked.turn_id, known) not in ids:
        messages.append(SnapshotMessage(_question_id(asked.turn_id, known), "user", asked.text))
    complete = turn_id is not None and reply_id(turn_id) in ids
    if turn_id is not None and not complete:
        question = _question_id(turn_id, known)
        if all(message.id != question for message in messages):
            messages.append(SnapshotMessage(question, "user", text))
    return Snapshot(MessagesSnapshot(messages), complete)


def _named(messages: Sequence[Message], known: Mapping[str, str]) -> Iterator[tuple[Message, str]]:
    """Each message with its id: the client's own, once, if it has one."""
    used: set[str] = set()
    for message, message_id in zip(messages, ids_of(messages), strict=True):
        is_question = message.key is not None and message_id == question_id(message.key)
        own = known.get(asked_in(message.key or "")) if is_question else None
        yield message, message_id if own is None or own in used else own
        if own is not None:
            used.add(own)


def _question_id(turn_id: str, known: Mapping[str, str]) -> str:
    return known.get(asked_in(turn_id), question_id(turn_id))


def _message(message: Message, message_id: str) -> SnapshotMessage:
    """The mark at the end of a stopped reply becomes metadata."""
    stopped = message.is_reply and message.content.endswith(STOPPED_MARK)
    content = message.content.removesuffix(STOPPED_MARK) if stopped else message.content
    return SnapshotMessage(message_id, _role(message), content, MessageMetadata(True) if stopped else None)


def _role(message: Message) -> str:
    """Results of tools, and what other programs write as the system, are not the user's."""
    if message.is_reply:
        return "assistant"
    return "user" if message.is_said and message.role.strip().lower() != "system" else "system"
