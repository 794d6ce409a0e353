"""What the calls of ``/api/v1/`` answer, with the names that the site's description has (docs/openapi.json).

Times are in UTC. None: not known, or absent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """A session in the list. ``messages``: how many it has ever had; ``updated_at``: when something was last said.

    ``title`` is the one that it was given, or else its first words. With the original Motörhead only ``id`` is known.
    """

    id: str
    title: str | None
    pinned: bool
    labels: list[str]
    instructions: str | None
    messages: int | None
    created_at: datetime | None
    updated_at: datetime | None


class SessionChanges(TypedDict, total=False):
    """New details. Absent ones stay as they are; None removes one, an empty list all labels."""

    title: str | None
    pinned: bool
    labels: list[str] | None
    instructions: str | None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Some sessions. ``cursor``: where the next page begins; None at the end."""

    sessions: list[SessionDetails]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class MessageMetadata:
    """What is known of a message besides its text. ``number``: None for a message that is not remembered."""

    number: str | None
    turnId: str | None  # noqa: N815 - the AI SDK's spelling, here and below
    createdAt: datetime | None  # noqa: N815
    stopped: bool


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a message's text."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class UIMessage:
    """A message. ``role``: user, assistant or system; ``id``: the same as in the stream of its turn."""

    id: str
    role: str
    metadata: MessageMetadata
    parts: list[TextPart]

    @property
    def text(self) -> str:
        """The whole text; a reply's is Markdown."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some messages, oldest first.

    ``before``: where the page before this one begins; None for the first. ``answering``: the turn in progress.
    """

    messages: list[UIMessage]
    before: str | None
    answering: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The running summary, and the state of the window. ``etag``: names this text in an edit.

    ``folded``: the number of the newest message in the summary; ``state``: idle, pending, parked, off or unknown, and
    ``reason`` why a fold waits; ``window``: how many messages are kept word for word; ``window_size``: how many fit.
    """

    text: str | None
    folded: int
    folded_at: datetime | None
    state: str
    reason: str | None
    window: int
    window_size: int
    tokens: int
    etag: str = field(default="", metadata={"header": "ETag"})


@dataclass(frozen=True, slots=True)
class FoldedRange:
    """The messages that a version took in, by their numbers."""

    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the summary. ``source``: fold, client (an edit), restore, import or fork."""

    version: int
    text: str
    created_at: datetime | None
    source: str
    folded: FoldedRange | None
    through: str | None
    tokens: int


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of the summary, newest first, and what all of them have cost."""

    versions: list[Version]
    tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A part of a prompt. Neighbouring parts of one role are one message: ``lead``, then ``text``, of each."""

    kind: str
    role: str
    lead: str
    text: str
    tokens: int
    message: str | None
    cut: int


@dataclass(frozen=True, slots=True)
class End:
    """How a turn went on after the model was asked, in seconds from its beginning."""

    worker: str
    pid: int
    host: str
    first: float | None
    whole: float | None
    appended: float | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model was sent in a turn. ``end``: None while it is being answered."""

    model: str
    budget: int
    tokens: int
    omitted: int
    attempt: int
    worker: str
    pid: int
    host: str
    loaded: float
    asked: float
    parts: list[PromptPart]
    end: End | None


@dataclass(frozen=True, slots=True)
class Found:
    """A place where searched words are. ``where``: message, summary or title; ``marks``: the words in the excerpt."""

    session: str
    title: str | None
    updated_at: datetime | None
    where: str
    excerpt: str
    marks: list[list[int]]
    message: str | None
    role: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some of the places. It may be empty and still have a ``cursor`` to go on from."""

    results: list[Found]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not imported."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A session that was not imported."""

    code: str
    detail: str
    title: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an imported file. If something is ``waiting`` or it ``stopped``, send the same file again."""

    total: int
    sessions: int
    messages: int
    here: int
    waiting: int
    refused: list[Refused]
    left_out: dict[str, int]
    stopped: Reason | None


@dataclass(frozen=True, slots=True)
class Link:
    """A share link to a session. Its address was shown when it was made."""

    id: str
    session: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Links:
    """Share links, the newest first."""

    links: list[Link]


@dataclass(frozen=True, slots=True)
class NewLink:
    """A share link that has just been made: its ``url`` lets anybody read the session."""

    id: str
    session: str
    created_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket for one connection or one call of a browser, good for ``expires_in`` seconds."""

    ticket: str
    expires_in: int
