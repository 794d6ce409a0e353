"""The formats of an export, as pure functions from what is remembered to pieces of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from chat.domain.details import SessionListing, SummaryVersion, SummaryVersions
from chat.domain.messages import Memory, Message

#: The name of the JSON format, and its version.
FORMAT, VERSION = "motorhead-chat", 1


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a session besides its messages. ``id`` is the one that its owner chose."""

    id: str
    listing: SessionListing
    memory: Memory
    versions: SummaryVersions


class ExportFormat(Protocol):
    """Writes sessions one after the other; an instance writes one export."""

    def begin(self) -> str:
        """The beginning of the export."""

    def begin_session(self, head: Head) -> str:
        """The beginning of a session, up to its messages."""

    def message(self, message: Message) -> str:
        """A message of the session, oldest first."""

    def end_session(self) -> str:
        """The end of the session."""

    def end(self) -> str:
        """The end of the export."""


class JsonExport:
    """An object with all sessions, which can be imported again: see ``docs/exports.md``."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._sessions = 0
        self._messages = 0

    def begin(self) -> str:
        """The name of the format, its version and the time."""
        head = {"format": FORMAT, "version": VERSION, "exported_at": self._now.isoformat()}
        return f'{json.dumps(head)[:-1]}, "sessions": ['

    def begin_session(self, head: Head) -> str:
        """The details, the summary and its versions."""
        first, self._sessions, self._messages = not self._sessions, self._sessions + 1, 0
        text = json.dumps(_session(head), ensure_ascii=False)
        return f'{"" if first else ","}\n{text[:-1]}, "messages": ['

    def message(self, message: Message) -> str:
        """Its id, role, time and text."""
        first, self._messages = not self._messages, self._messages + 1
        said = {"id": message.id, "role": message.role, "at": _time(message.created_at), "text": message.content}
        return f"{'' if first else ','}\n{json.dumps(said, ensure_ascii=False)}"

    def end_session(self) -> str:
        """The end of the messages."""
        return "\n]}"

    def end(self) -> str:
        """The end of the sessions."""
        return "\n]}\n"


@dataclass(frozen=True, slots=True)
class MarkdownWords:
    """What a file of Markdown says itself, in the reader's language."""

    labels: str = "Labels"
    summary: str = "Summary"
    messages: str = "Messages"
    reply: str = "Reply"
    you: str = "You"
    exported: str = "Exported"


class MarkdownExport:
    """Sessions as headings, and each message as it was written. ``words`` are those between them."""

    def __init__(self, now: datetime, words: MarkdownWords = MarkdownWords()) -> None:
        self._now = now
        self._words = words
        self._sessions = 0

    def begin(self) -> str:
        """Nothing."""
        return ""

    def begin_session(self, head: Head) -> str:
        """The title, the labels, and the summary as a quotation."""
        gap, self._sessions = "\n---\n\n" if self._sessions else "", self._sessions + 1
        title = " ".join((head.listing.title or head.id).split())
        lines = [f"{gap}# {title}", ""]
        if head.listing.labels:
            lines += [f"{self._words.labels}: {', '.join(head.listing.labels)}", ""]
        if head.memory.context:
            quoted = (f"> {line}".rstrip() for line in head.memory.context.splitlines())
            lines += [f"## {self._words.summary}", "", *quoted, ""]
        return "\n".join([*lines, f"## {self._words.messages}", "", ""])

    def message(self, message: Message) -> str:
        """Who said it and when, and the text."""
        speaker = self._words.reply if message.is_reply else self._words.you
        at = f" · {message.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if message.created_at else ""
        return f"### {speaker}{at}\n\n{message.content}\n\n"

    def end_session(self) -> str:
        """Nothing."""
        return ""

    def end(self) -> str:
        """The time of the export."""
        return f"---\n\n{self._words.exported} {self._now.astimezone(UTC):%Y-%m-%d %H:%M} UTC.\n"


def _session(head: Head) -> Mapping[str, Any]:
    listing, memory = head.listing, head.memory
    through = str(memory.window.folded) if memory.can_change else None
    summary = {"text": memory.context, "tokens": memory.tokens, "through": through} if memory.context else None
    return {
        "id": head.id,
        "title": listing.title,
        "pinned": listing.pinned,
        "labels": list(listing.labels),
        "instructions": listing.instructions,
        "created_at": _time(listing.created_at),
        "updated_at": _time(listing.updated_at),
        "summary": summary,
        "versions": [_version(version) for version in head.versions.versions],
    }


def _version(version: SummaryVersion) -> Mapping[str, Any]:
    return {
        "version": version.version,
        "source": version.source,
        "created_at": _time(version.created_at),
        "tokens": version.tokens,
        "through": version.through,
        "text": version.context,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
