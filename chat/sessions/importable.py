"""What a file to import contains, whatever its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from chat.domain.messages import Message

LONG_AGO = datetime.fromtimestamp(0, UTC)


class LeftOut(StrEnum):
    """What an import does not take along."""

    UNREADABLE = "unreadable"  # sessions that are not of the file's format
    TOOLS = "tools"  # calls of tools, and their results
    HIDDEN = "hidden"  # messages that were never shown: instructions, reasoning, what was looked up
    EMPTY = "empty"  # messages without text
    FILES = "files"  # pictures, sounds and files in messages; their places are marked
    VERSIONS = "versions"  # earlier versions of summaries
    DETAILS = "details"  # titles, pins, labels and instructions, where the memory server keeps none
    CUT = "cut"  # details that are too long
    SUMMARIES = "summaries"  # of messages that are summarised again


@dataclass(frozen=True, slots=True)
class ImportableSession:
    """A session in a file. ``messages`` are oldest first; ``context`` is the summary of the first ``covered`` of them.

    ``id`` is its id where it was exported, with which its newest message had the id ``last``, if that is known.
    """

    title: str | None
    messages: tuple[Message, ...]
    updated_at: datetime = LONG_AGO
    pinned: bool = False
    labels: Sequence[str] = ()
    instructions: str | None = None
    context: str | None = None
    covered: int = 0
    id: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Importable:
    """The sessions in a file, oldest first, and how much in it cannot be taken along."""

    sessions: tuple[ImportableSession, ...]
    left_out: Counter[LeftOut] = field(default_factory=Counter)
