"""The messages of a session, and what the memory server remembers of them. Always oldest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chat.domain.exceptions import MessageFolded, NotSupported, UnknownMessage

#: Appended to a stopped reply in the memory, so that the model and the page know that it was cut short.
STOPPED_MARK = "\n\n[stopped]"


class Role(StrEnum):
    """Who wrote a message, as the chat writes it to the Motörhead wire."""

    HUMAN = "Human"
    AI = "AI"


#: The roles that Motörhead's clients give to the model and to tools, in lower case. Every other means the user.
ROLES_OF_THE_MODEL = {"ai", "assistant", "bot", "model"}
ROLES_OF_TOOLS = {"tool", "function"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``id`` and ``created_at`` (UTC) are None if the server does not send them (the original).

    ``key`` is that of its append: the id of its turn, if it is part of one. Older messages have none.
    """

    role: str
    content: str
    id: str | None = None
    created_at: datetime | None = None
    key: str | None = None

    @property
    def is_reply(self) -> bool:
        """Whether the model wrote it."""
        return self.role.strip().lower() in ROLES_OF_THE_MODEL

    @property
    def is_said(self) -> bool:
        """Whether the user or the model has said something with it: it is neither blank nor the result of a tool."""
        return bool(self.content.strip()) and self.role.strip().lower() not in ROLES_OF_TOOLS

    @property
    def speaker(self) -> str:
        """Its role, in the same word for all replies."""
        return Role.AI if self.is_reply else self.role


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thinks before it answers. It is shown while it streams, and never remembered."""

    text: str


class FoldState(StrEnum):
    """The state of a session's summarising."""

    IDLE = "idle"
    PENDING = "pending"  # messages are waiting to be summarised
    PARKED = "parked"  # the server has given up until an operator steps in; nothing is lost
    OFF = "off"
    UNKNOWN = "unknown"  # the original Motörhead does not report it


@dataclass(frozen=True, slots=True)
class Window:
    """The messages not yet summarised. ``size`` is the number that the server keeps before it folds."""

    size: int
    folded: int = 0
    folded_at: datetime | None = None
    fold: FoldState = FoldState.UNKNOWN
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """A session as the memory server has it now.

    ``messages`` is the window, oldest first. ``context`` is the running summary of everything before it, if there is
    one. ``tokens`` is the cost of the summaries so far. ``epoch`` changes when a session is deleted and its id used
    again; ``etag`` changes with every change, ``summary_tag`` with every change of the summary. All three are None on
    the original.
    """

    messages: tuple[Message, ...]
    context: str | None
    tokens: int
    window: Window
    epoch: str | None = None
    etag: str | None = None
    summary_tag: str | None = None

    @property
    def can_change(self) -> bool:
        """Whether the memory server has the verbs that change what is remembered. The original only appends."""
        return self.window.fold is not FoldState.UNKNOWN

    @property
    def is_empty(self) -> bool:
        """Whether nothing is remembered: the session does not exist, or was deleted."""
        return not (self.messages or self.context or self.window.folded)

    def rewound_to(self, message_id: str) -> Memory:
        """The memory without the messages behind ``message_id`` ("0": without any).

        Raises `NotSupported`: the server cannot withdraw messages; `MessageFolded`: one of them is in the summary;
        `UnknownMessage`: the session has no such message.
        """
        if not self.can_change:
            raise NotSupported
        ids = [str(self.window.folded), *(message.id for message in self.messages)]
        if message_id in ids:
            return replace(self, messages=self.messages[: ids.index(message_id)])
        is_older = message_id.isascii() and message_id.isdigit() and int(message_id) < self.window.folded
        raise MessageFolded if is_older else UnknownMessage


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of a session's whole history, oldest first. ``before`` is the cursor of the page before it, if any."""

    messages: tuple[Message, ...]
    before: str | None
