"""Importing sessions from a file.

The id of each session follows from its contents, and messages are appended in batches under idempotency keys. So the
same file adds nothing twice for an owner, and an interrupted import is completed by repeating it.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO
from weakref import finalize

from chat.domain.details import DetailChanges, SessionListing
from chat.domain.exceptions import (
    ChatError,
    InvalidImport,
    InvalidSession,
    MemoryRefused,
    SessionExists,
)
from chat.domain.messages import Memory
from chat.domain.session_ids import Session, owned_session
from chat.sessions.details import change_details
from chat.sessions.import_formats import read_import
from chat.sessions.import_parts import Batch, batches_of, fitting, import_id, is_undescribed
from chat.sessions.importable import Importable, ImportableSession, LeftOut
from chat.turns.ports import BellsPort, MemoryPort
from chat.turns.validation import MESSAGE_ID

#: The most bytes of a file.
LARGEST = 32 * 2**20
#: The most new sessions and messages of one import. Repeating it takes the next.
MOST_SESSIONS, MOST_MESSAGES = 1_000, 100_000

_NO_SUCH_CALL = 404
#: Files whose sessions a process holds at the same time. Those of one can take five times its size of memory.
MOST_HELD = 3
_held = asyncio.Semaphore(MOST_HELD)
#: Files are read one at a time: reading takes about as much again.
_reading = asyncio.Lock()


@dataclass(slots=True)
class ImportReport:
    """An import so far: ``done`` of ``total`` sessions were looked at.

    ``sessions`` and ``messages`` are new, ``here`` were here already, and ``waiting`` are for another import.
    ``refused`` are titles of sessions with the reason of each. ``stopped``: why the import ended early.
    """

    total: int
    done: int = 0
    sessions: int = 0
    messages: int = 0
    here: int = 0
    waiting: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    refused: list[tuple[str, ChatError]] = field(default_factory=list)
    stopped: ChatError | None = None


async def read_file(file: IO[bytes], size: int) -> Importable:
    """The sessions in ``file``, of ``size`` bytes, which is closed. It is read beside the event loop.

    Waits as long as the process holds what it has read of `MOST_HELD` others. Raises `InvalidImport`.
    """
    try:
        if size > LARGEST:
            raise InvalidImport("too_large", size=-(-size // 2**20), limit=LARGEST // 2**20)
        if _held.locked():
            gc.collect()  # an import that was given up may be in a circle of references
        await _held.acquire()
    except BaseException:
        file.close()
        raise
    return await asyncio.shield(_read(file))  # its thread goes on if the client leaves, and still takes memory


async def _read(file: IO[bytes]) -> Importable:
    try:
        with closing(file):
            async with _reading:
                found = await asyncio.to_thread(lambda: read_import(file.read()))
    except BaseException:
        _held.release()
        raise
    free = finalize(found, asyncio.get_running_loop().call_soon_threadsafe, _held.release)  # from any thread
    free.atexit = False  # when the loop has ended
    return found


async def import_sessions(
    owner: str, found: Importable, memory: MemoryPort, bells: BellsPort
) -> AsyncGenerator[ImportReport]:
    """Import all sessions that are not here yet, oldest first; the report after each of them.

    An outage ends the import and is in the report; a session that cannot be imported does not hold up the others.
    """
    report = ImportReport(len(found.sessions), left_out=Counter(found.left_out))
    taking = _Taking(owner, memory, bells, report)
    yield report
    for session in found.sessions:
        if report.sessions >= MOST_SESSIONS or report.messages >= MOST_MESSAGES:
            report.waiting = report.total - report.done
            break
        try:
            await taking.take(session)
        except ChatError as error:
            if error.retryable:
                report.stopped = error.with_traceback(None)  # which would hold ``found``
                break
            report.refused.append((session.title or "", error.with_traceback(None)))
        report.done += 1
        yield report
    yield report


class _Taking:
    """Takes over one session after the other, and notes in the ``report`` what became of each."""

    def __init__(self, owner: str, memory: MemoryPort, bells: BellsPort, report: ImportReport) -> None:
        self._owner = owner
        self._memory = memory
        self._bells = bells
        self._report = report

    async def take(self, session: ImportableSession) -> None:
        """Take over the session. Raises `InvalidImport` and `MemoryServerError`."""
        if await self._is_still_here(session):
            self._report.here += 1
            return
        target = owned_session(self._owner, import_id(session))
        known = await self._memory.get_memory(target.memory_id)
        listing = None if known.is_empty else await self._memory.get_details(target.memory_id)
        here = 0 if known.is_empty else len(session.messages) if listing is None else listing.messages or 0
        if not known.is_empty and here >= len(session.messages):
            self._report.here += 1
            if listing is not None:
                await self._describe(target, session, known, listing)
            return
        await self._append(target, session, known, here)
        self._report.sessions += 1
        self._report.messages += len(session.messages) - here
        known = await self._memory.get_memory(target.memory_id)
        await self._describe(target, session, known, None)

    async def _is_still_here(self, session: ImportableSession) -> bool:
        """Whether the owner still has the session from which the file was made."""
        if not (session.id and session.last and MESSAGE_ID.fullmatch(session.last)):
            return False
        try:
            origin = owned_session(self._owner, session.id).memory_id
            page = await self._memory.list_messages(origin, before=str(int(session.last) + 1), limit=1)
        except (InvalidSession, MemoryRefused):
            return False
        newest = session.messages[-1]
        return any(
            (message.id, message.role, message.content) == (session.last, newest.role, newest.content)
            for message in page.messages
        )

    async def _append(self, target: Session, session: ImportableSession, known: Memory, here: int) -> None:
        """Append what is not ``here`` yet."""
        batches = batches_of(session, covering=known.can_change)
        if session.context and (not batches or batches[0].context is None):
            self._report.left_out[LeftOut.SUMMARIES] += 1
        if here and not await self._has_begun(target, session, here, batches):
            raise InvalidImport("continued")
        epoch = known.epoch
        for batch in batches:
            if batch.end > here or not session.messages:
                await self._send(target, batch, epoch)
            if epoch is None and batch is not batches[-1]:
                epoch = (await self._memory.get_memory(target.memory_id)).epoch

    async def _has_begun(
        self, target: Session, session: ImportableSession, here: int, batches: Sequence[Batch]
    ) -> bool:
        """Whether the session consists of the first batches: its newest message is the last of one of them."""
        if here not in {batch.end for batch in batches}:
            return False
        page = await self._memory.list_messages(target.memory_id, limit=1)
        last = session.messages[here - 1]
        return [(message.role, message.content) for message in page.messages] == [(last.role, last.content)]

    async def _send(self, target: Session, batch: Batch, epoch: str | None) -> None:
        key = f"{target.id}-{batch.end}"
        if batch.context is None:
            await self._memory.append_messages(target, batch.messages, turn_id=key, epoch=epoch)
            return
        try:
            await self._memory.begin_session(target, batch.messages, batch.context, covered=batch.covered, turn_id=key)
        except SessionExists:  # without messages, that is all of it
            if batch.messages:
                raise InvalidImport("continued") from None

    async def _describe(
        self, target: Session, session: ImportableSession, known: Memory, listing: SessionListing | None
    ) -> None:
        """Give the session its details; one of an earlier import (``listing``) only if it has none yet."""
        changes, is_cut = fitting(session)
        if not changes or (listing is not None and not is_undescribed(listing, session)):
            return
        if is_cut:
            self._report.left_out[LeftOut.CUT] += 1
        if not await self._change(target, changes, known):
            self._report.left_out[LeftOut.DETAILS] += 1

    async def _change(self, target: Session, changes: DetailChanges, known: Memory) -> bool:
        """Whether the memory server keeps details."""
        if known.can_change:
            await change_details(target, changes, self._memory, self._bells)
        return known.can_change
