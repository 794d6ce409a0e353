"""``python -m motorhead import redis://…``: imports the sessions of an existing Motörhead from its Redis.

The source is only read. Each session is imported whole or not at all, so an interrupted import can simply be run again.
Imports are recorded even after the session is deleted here, so that later runs do not bring it back. Messages that
the original no longer lists, but still stores with its vectors, are put before the listed messages and above the
watermark, so the next fold summarises them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from motorhead.store.keys import LONGEST_NAME, is_name
from motorhead.tools.imported import Imported
from motorhead.tools.original import OldSession, Original
from motorhead.tools.staging import LocalSession, Takeover, TakeoverOutcome
from redis_link.exceptions import StoreRefused

Progress = Callable[[int, int], None]

HERE_ALREADY = "a session of this id already exists here; it was not changed"
REWRITTEN = "its new messages there cannot be identified with certainty; it was not changed here"
RESUMMARISED = "its summary there has changed since it was imported; the summary here was kept"
BOTH_GREW = "it received %d messages there and others here since it was imported; those from there were left out"
UNREACHABLE = f"no request can name this session: its id is empty, longer than {LONGEST_NAME:,} bytes, or not UTF-8"
CHANGED_MEANWHILE = "it changed here during its import and was not imported; run the import again"
DELETED_MEANWHILE = "it was deleted here during its import, or another import took it over; it was left out"
TAKEN_MEANWHILE = "another import is importing it at the same time and will report the result"
DROPPED = "of these messages were in no list and no summary: the original had dropped them, but kept their vectors."
UNLISTED = (
    "of these messages were no longer listed: the original had summarised or dropped them (it does not record which), "
    "but kept their vectors. The next fold summarises them."
)


@dataclass
class Report:
    """The result of an import, in counts.

    ``messages`` includes ``dropped`` and ``unlisted``. ``continuations``: the messages that were added to the
    ``continued`` sessions, of which ``other_summaries`` have a different summary there. ``skipped``: a sentence about
    everything left out that may be wanted.
    """

    sessions: int = 0
    messages: int = 0
    dropped: int = 0
    unlisted: int = 0
    continued: int = 0
    continuations: int = 0
    other_summaries: int = 0
    again: int = 0
    deleted: int = 0
    skipped: list[str] = field(default_factory=list)
    ghosts: int = 0
    left_behind: int = 0
    no_summary: int = 0

    def lines(self) -> Iterator[str]:
        """The report as sentences."""
        yield f"{self.sessions} sessions with {self.messages} messages were imported."
        for count, sentence in self._counted():
            if count:
                yield f"{count} {sentence}"
        yield from self.skipped

    def _counted(self) -> Iterator[tuple[int, str]]:
        yield self.dropped, DROPPED
        yield self.unlisted, UNLISTED
        yield self.continuations, f"messages were added to {self.continued} sessions imported before."
        yield self.other_summaries, "of these sessions now have a different summary there; the summary here was kept."
        yield self.again, "sessions had been imported before."
        yield self.deleted, "sessions were deleted here after an earlier import; --again imports them again."
        yield self.no_summary, "summaries were NONE and were not imported."
        yield self.ghosts, "ids were listed, but had no session, and were left out."
        yield self.left_behind, "messages of deleted sessions are stored with vectors and were left out."


class Import:
    """One import from ``original`` by ``takeover``.

    ``again``: also import sessions that were imported before and then deleted here.
    """

    def __init__(self, original: Original, takeover: Takeover, *, again: bool = False) -> None:
        self._original = original
        self._takeover = takeover
        self._again = again
        self._report = Report()

    async def run(self, progress: Progress) -> Report:
        """Import everything; ``progress`` is called with the sessions done and their total."""
        ids = await self._original.ids()
        for done, session_id in enumerate(ids):
            progress(done, len(ids))
            try:
                await self._session(session_id)
            except StoreRefused as error:
                self._skip(session_id, f"it could not be imported: {error}".rstrip("."))
        progress(len(ids), len(ids))
        self._report.ghosts = self._original.ghosts
        self._report.left_behind = self._original.left_behind
        self._report.skipped = [*self._original.left_out, *self._report.skipped]
        return self._report

    async def _session(self, session_id: bytes) -> None:
        old = await self._original.session(session_id)
        if old is None:
            return
        if not is_name(session_id):
            self._skip(session_id, UNREACHABLE)
            return
        local = await self._takeover.local_session(session_id)
        if local is not None:
            await self._known(session_id, old, local)
        elif await self._takeover.remembers(session_id) and not self._again:
            self._report.deleted += 1
        else:
            await self._take(session_id, old)

    async def _take(self, session_id: bytes, old: OldSession) -> None:
        listed, recovered = old.listed_messages(), old.recovered()
        if not self._done(session_id, await self._takeover.take(session_id, old, [*recovered, *listed], 0)):
            return
        self._report.sessions += 1
        self._report.messages += len(recovered) + len(listed)
        self._report.no_summary += old.said_none
        if old.summary is None:
            self._report.dropped += len(recovered)
        else:
            self._report.unlisted += len(recovered)

    async def _known(self, session_id: bytes, old: OldSession, local: LocalSession) -> None:
        """Handle a session that exists here: add the new messages if it was imported before."""
        imported = local.imported
        if imported is None:
            self._skip(session_id, HERE_ALREADY)
        elif (new_from := imported.new_from(old)) is None:
            self._skip(session_id, REWRITTEN)
        elif new_from < len(old.lines):
            await self._continue(session_id, old, local.last == imported.last, imported, new_from)
        elif imported.has_context_of(old) or imported.was_folded(old):
            self._report.again += 1
            await self._takeover.remember(session_id, old, imported)
        else:
            self._skip(session_id, RESUMMARISED)

    async def _continue(
        self, session_id: bytes, old: OldSession, rests: bool, imported: Imported, new_from: int
    ) -> None:
        """Add the new messages if the session ``rests``: nothing has been written to it here since its import."""
        new = old.listed_messages()[new_from:]
        if not rests:
            self._skip(session_id, BOTH_GREW % len(new))
        elif self._done(session_id, await self._takeover.take(session_id, old, new, imported.last)):
            self._report.continued += 1
            self._report.continuations += len(new)
            self._report.other_summaries += not imported.has_context_of(old)

    def _done(self, session_id: bytes, outcome: TakeoverOutcome) -> bool:
        if outcome is TakeoverOutcome.CHANGED:
            self._skip(session_id, CHANGED_MEANWHILE)
        elif outcome is TakeoverOutcome.LOST:
            self._skip(session_id, DELETED_MEANWHILE)
        elif outcome is TakeoverOutcome.SHARED:
            self._skip(session_id, TAKEN_MEANWHILE)
        return outcome is TakeoverOutcome.DONE

    def _skip(self, session_id: bytes, reason: str) -> None:
        self._report.skipped.append(f"Session {session_id.decode(errors='backslashreplace')!r}: {reason}.")
