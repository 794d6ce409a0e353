"""What the model saw: the prompt of a turn, for as long as its run is known."""

from __future__ import annotations

from chat.domain.exceptions import PromptUnknown
from chat.domain.messages import Message
from chat.domain.prompts import PromptRecord
from chat.domain.session_ids import Session
from chat.turns.ports import MemoryPort, RunsPort
from chat.turns.recorder import digest
from chat.turns.validation import MESSAGE_ID

#: The most turns that are searched for a reply.
MOST_SEARCHED = 100


async def what_the_model_saw(session: Session, turn_id: str, runs: RunsPort) -> PromptRecord:
    """The prompt of a turn that is in progress, or ended less than five minutes ago.

    Raises `PromptUnknown`: it is not known, or no longer; `RunLogUnreachable`.
    """
    if record := await runs.prompt(session, turn_id):
        return record
    raise PromptUnknown


async def what_a_reply_came_from(session: Session, message_id: str, memory: MemoryPort, runs: RunsPort) -> PromptRecord:
    """The prompt to which the message ``message_id`` was the reply, if it was remembered less than five minutes ago.

    Raises `PromptUnknown`: it is not known, or no longer; `MemoryServerError` and `RunLogUnreachable`.
    """
    question, reply = await _exchange(session, message_id, memory)
    for turn_id in (await runs.ended(session))[:MOST_SEARCHED]:
        record = await runs.prompt(session, turn_id)
        if record and _is_of(record, question, reply):
            return record
    raise PromptUnknown


async def _exchange(session: Session, message_id: str, memory: MemoryPort) -> tuple[Message, Message]:
    """The message before the reply, and the reply."""
    if MESSAGE_ID.fullmatch(message_id):
        page = await memory.list_messages(session.memory_id, before=str(int(message_id) + 1), limit=2)
        match page.messages:
            case (question, reply) if reply.id == message_id and reply.is_reply:
                return question, reply
    raise PromptUnknown


def _is_of(record: PromptRecord, question: Message, reply: Message) -> bool:
    """Whether ``record`` is that of the exchange. Of a very long question only the beginning is in it."""
    if record.end is None or record.end.reply != digest(reply.content):
        return False
    return question.content.startswith(record.sent.question)
