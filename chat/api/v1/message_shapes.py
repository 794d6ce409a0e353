"""Messages in the shape of the AI SDK's ``UIMessage``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from chat.api.ai_sdk.message_ids import ids_of, question_id
from chat.api.v1.parameters import Place
from chat.domain.messages import STOPPED_MARK, Message, Role
from chat.sessions.history import History, Question
from chat.turns.validation import check_text

#: The most characters of a message that is put in the place of others, and the most such messages.
LONGEST, MOST_INSTEAD = 2_000_000, 100


class TextPart(Schema):
    """The text of a message; a reply's is Markdown, as the model wrote it."""

    type: Literal["text"] = "text"
    text: str
    state: Literal["done"] = "done"


class MessageMetadata(Schema):
    """What is known of a message besides its text."""

    number: Annotated[str | None, Field(description="Counts the session's messages; null for an unremembered one.")]
    turnId: Annotated[str | None, Field(description="The turn to which it belongs.")]  # noqa: N815 - the AI SDK's style
    createdAt: datetime | None  # noqa: N815
    stopped: Annotated[bool, Field(description="The user stopped this reply.")] = False


class UIMessage(Schema):
    """A message, with the id that the websocket's stream gives to the same message."""

    id: str
    role: Literal["user", "assistant", "system"]
    metadata: MessageMetadata
    parts: list[TextPart]


class MessagePage(Schema):
    """A page of a session's messages, oldest first: ``useChat({ messages })`` takes them as they are."""

    messages: list[UIMessage]
    before: Annotated[str | None, Field(description="Where the page before this one begins; null for the first.")]
    answering: Annotated[str | None, Field(description="The turn that is being answered now: resume its stream.")]


class Said(Schema):
    """A message to put in the place of withdrawn ones."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    text: Annotated[str, Field(description=f"At most {LONGEST:,} characters.")]


class RewindTo(Schema):
    """The message behind which all are withdrawn; "0" withdraws all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"after": "10"}]})

    after: Place
    instead: Annotated[
        list[Said], Field(default_factory=list, description="What comes in their place.", max_length=MOST_INSTEAD)
    ]
    newest: Annotated[Place | None, Field(description="The newest message that its user has seen.")] = None

    def messages(self) -> list[Message]:
        """The messages to put in place. Raises `InvalidText`."""
        roles = {"user": Role.HUMAN, "assistant": Role.AI}
        return [Message(roles[said.role], check_text(said.text, LONGEST)) for said in self.instead]


def message_page(history: History) -> MessagePage:
    """The page for ``history``."""
    messages = list(ui_messages(history.messages))
    question = history.question
    if question is not None:
        messages.append(_asked(question))
    answering = question.turn_id if question is not None and question.being_answered else None
    return MessagePage(messages=messages, before=history.before, answering=answering)


def ui_messages(messages: Sequence[Message]) -> Iterator[UIMessage]:
    """``messages`` as the AI SDK shows them. The mark at the end of a stopped reply becomes metadata."""
    for message, message_id in zip(messages, ids_of(messages), strict=True):
        stopped = message.is_reply and message.content.endswith(STOPPED_MARK)
        text = message.content.removesuffix(STOPPED_MARK) if stopped else message.content
        metadata = MessageMetadata(number=message.id, turnId=message.key, createdAt=message.created_at, stopped=stopped)
        yield UIMessage(id=message_id, role=_role(message), metadata=metadata, parts=[TextPart(text=text)])


def _asked(question: Question) -> UIMessage:
    metadata = MessageMetadata(number=None, turnId=question.turn_id, createdAt=None)
    return UIMessage(
        id=question_id(question.turn_id), role="user", metadata=metadata, parts=[TextPart(text=question.text)]
    )


def _role(message: Message) -> Literal["user", "assistant", "system"]:
    """The AI SDK knows three roles; those of tools and of other programs are not the user's."""
    if message.is_reply:
        return "assistant"
    return "user" if message.is_said and message.role.strip().lower() != "system" else "system"
