"""Reading this program's own export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from chat.domain.exceptions import InvalidImport
from chat.domain.messages import Message
from chat.sessions.export_formats import FORMAT, VERSION
from chat.sessions.importable import LONG_AGO, Importable, ImportableSession, LeftOut

#: The most characters of a role.
LONGEST_ROLE = 40


class _Said(msgspec.Struct):
    role: str
    text: str
    id: str | None = None


class _Summary(msgspec.Struct):
    text: str
    through: str | None = None


class _Version(msgspec.Struct):
    through: str | None = None


class _Session(msgspec.Struct):
    messages: list[_Said]
    id: str | None = None
    title: str | None = None
    pinned: bool = False
    labels: list[str] = []
    instructions: str | None = None
    updated_at: datetime | None = None
    summary: _Summary | None = None
    versions: list[_Version] = []


class _Export(msgspec.Struct):
    format: str
    version: int
    sessions: list[msgspec.Raw]


def read_own(content: bytes) -> Importable:
    """The sessions in an export that can be read.

    Raises `InvalidImport`: its version is not known; `msgspec.DecodeError`: none can be read.
    """
    export = msgspec.json.decode(content, type=_Export)
    if export.format != FORMAT:
        raise InvalidImport("unknown")
    if export.version != VERSION:
        raise InvalidImport("version", version=export.version, known=VERSION)
    left_out: Counter[LeftOut] = Counter()
    sessions = _sessions(export.sessions, left_out)
    left_out[LeftOut.VERSIONS] = sum(max(0, len(each.versions) - 1) for each in sessions)
    found = [each for each in map(_importable, sessions) if each.messages or each.context]
    return Importable(tuple(sorted(found, key=lambda each: each.updated_at)), +left_out)


def _sessions(entries: Sequence[msgspec.Raw], left_out: Counter[LeftOut]) -> list[_Session]:
    """The sessions that can be read. Raises `msgspec.ValidationError`: there are others only."""
    found, problem = [], None
    for raw in entries:  # one at a time: the interpreter can do other work in between
        try:
            found.append(msgspec.json.decode(bytes(raw), type=_Session))
        except msgspec.ValidationError as error:
            problem = error
            left_out[LeftOut.UNREADABLE] += 1
    if problem is not None and not found:
        raise problem
    return found


def _importable(session: _Session) -> ImportableSession:
    context = (session.summary.text.strip() if session.summary else "") or None
    messages = tuple(Message(said.role[:LONGEST_ROLE], said.text) for said in session.messages)
    return ImportableSession(
        title=session.title,
        messages=messages,
        updated_at=_aware(session.updated_at),
        pinned=session.pinned,
        labels=tuple(session.labels),
        instructions=session.instructions,
        context=context,
        covered=_covered(session) if context else 0,
        id=session.id,
        last=session.messages[-1].id if session.messages else None,
    )


def _covered(session: _Session) -> int:
    """How many of the messages the summary covers. An export of the original has only those that it does not."""
    through = session.summary.through if session.summary else None
    if through is None and session.versions:
        through = session.versions[0].through
    last = _number(through)
    return sum(1 for said in session.messages if 0 < _number(said.id) <= last)


def _number(written: str | None) -> int:
    """The number of a message; 0 for anything else."""
    return int(written) if written and len(written) <= 15 and written.isascii() and written.isdigit() else 0


def _aware(at: datetime | None) -> datetime:
    return at if at and at.tzinfo else LONG_AGO
