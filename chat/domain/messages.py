"""What is said in a session, and what the memory server remembers of it. Oldest first, always."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: What the memory holds behind a reply that the user stopped: it tells the model, and the page, that it was cut.
STOPPED_MARK = "\n\n[stopped]"


class Role(StrEnum):
    """Who spoke, in the words of the Motörhead wire. Its clients take every role but ``AI`` for the user."""

    HUMAN = "Human"
    AI = "AI"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``id`` and ``created_at`` (UTC) are None where the server does not tell (the original)."""

    role: str
    content: str
    id: str | None = None
    created_at: datetime | None = None

    @property
    def is_reply(self) -> bool:
        """Whether the model said it."""
        return self.role == Role.AI


class FoldState(StrEnum):
    """How the summary stands to the window."""

    IDLE = "idle"
    PENDING = "pending"  # messages wait to be summarised
    PARKED = "parked"  # the server gave up until somebody looks; nothing is lost
    OFF = "off"
    UNKNOWN = "unknown"  # the original Motörhead does not tell


@dataclass(frozen=True, slots=True)
class Window:
    """The messages not yet summarised: ``size`` is how many the server keeps before it folds."""

    size: int
    folded: int = 0
    folded_at: datetime | None = None
    fold: FoldState = FoldState.UNKNOWN
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """A session as the memory server has it now.

    ``messages`` is the window, oldest first. ``context`` is the running summary of everything before it, None when
    there is none. ``tokens`` is what the summaries have cost so far. ``epoch`` changes when a session is deleted and
    its id used again; ``etag`` changes whenever anything does. Both are None on the original.
    """

    messages: tuple[Message, ...]
    context: str | None
    tokens: int
    window: Window
    epoch: str | None = None
    etag: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is remembered: there is no such session (any more)."""
        return not (self.messages or self.context or self.window.folded)


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A stretch of everything ever said, oldest first; ``before`` is the cursor of the stretch above it, or None."""

    messages: tuple[Message, ...]
    before: str | None


@dataclass(frozen=True, slots=True)
class SessionListing:
    """A session in a list. Against the original only ``memory_id`` is known."""

    memory_id: str
    title: str | None = None
    messages: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SummaryVersion:
    """One version of the running summary, and the tokens spent on writing it."""

    version: int
    context: str
    created_at: datetime | None
    tokens: int
