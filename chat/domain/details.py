"""What is known of a session besides its messages: details, versions of its summary, and matches of a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class SessionListing:
    """A session in a list. The original server sends only ``memory_id``.

    ``title`` is the one that it was given, or else its first words. ``instructions`` are for its summaries.
    """

    memory_id: str
    title: str | None = None
    messages: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    pinned: bool = False
    labels: tuple[str, ...] = ()
    instructions: str | None = None


class DetailChanges(TypedDict, total=False):
    """The details of a session to change; absent ones stay, and None or an empty value removes one."""

    title: str | None
    pinned: bool
    labels: Sequence[str]
    instructions: str | None


@dataclass(frozen=True, slots=True)
class Folded:
    """The messages that a version of the summary took in: ``count``, from the id ``first`` to the id ``last``."""

    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class SummaryVersion:
    """A version of the running summary, and the tokens that it cost.

    ``source`` is "fold", "client" (an edit), "restore", "import" or "fork". The version and all messages after the one
    with the id ``through`` cover the session. ``folded`` is empty (None) where it took in no messages.
    """

    version: int
    context: str
    created_at: datetime | None
    tokens: int
    source: str = "fold"
    through: str | None = None
    folded: Folded | None = None


@dataclass(frozen=True, slots=True)
class SummaryVersions:
    """Versions, newest first, and what all summaries of the session have cost: ``tokens``, and ``cost`` if known."""

    versions: tuple[SummaryVersion, ...]
    tokens: int = 0
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A place where the words of a search are: ``where`` is "message", "summary" or "title".

    ``excerpt`` is the text around the first word. ``marks`` are where the words are in it: from one character up to
    another. Only a message has ``message_id``, ``role`` and ``created_at``.
    """

    memory_id: str
    title: str | None
    updated_at: datetime | None
    where: str
    excerpt: str
    marks: tuple[tuple[int, int], ...]
    message_id: str | None = None
    role: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MatchPage:
    """Matches, newest session first. ``cursor`` continues the search; None: everything was searched."""

    matches: tuple[Match, ...]
    cursor: str | None
