"""Messages of a session in a ``MESSAGES_SNAPSHOT``, which replaces those of a client. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from chat.api.ag_ui.events import MessageMetadata, MessagesSnapshot, SnapshotMessage
from chat.api.ai_sdk.message_ids import ids_of, question_id, reply_id
from chat.domain.messages import STOPPED_MARK, Message
from chat.sessions.history import History


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The event. ``complete``: the turn's reply is among its messages, so that nothing of it remains to be sent."""

    event: MessagesSnapshot
    complete: bool


def snapshot_of(history: History, turn_id: str | None = None, text: str = "") -> Snapshot:
    """The snapshot of a session. The user's message ``text`` of the turn ``turn_id`` is always among its messages."""
    named = zip(history.messages, ids_of(history.messages), strict=True)
    messages = [_message(message, message_id) for message, message_id in named]
    asked = history.question
    known = {message.id for message in messages}
    if asked is not None and question_id(asked.turn_id) not in known:
        messages.append(SnapshotMessage(question_id(asked.turn_id), "user", asked.text))
    complete = turn_id is not None and reply_id(turn_id) in known
    is_said = turn_id is None or complete or any(message.id == question_id(turn_id) for message in messages)
    if turn_id is not None and not is_said:
        messages.append(SnapshotMessage(question_id(turn_id), "user", text))
    return Snapshot(MessagesSnapshot(messages), complete)


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
