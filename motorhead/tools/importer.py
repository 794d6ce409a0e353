"""``python -m motorhead import redis://…``: takes over what an existing Motörhead has in its Redis.

It only reads there. Each session is taken over in one piece or not at all, so an import that was broken off is simply
run again. What was taken over is remembered, also when the session is deleted here: no later run brings it back.
What the original no longer lists but still holds beside its vectors comes back before the messages of the list, and
above the watermark: the next fold tells it.
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

HERE_ALREADY = "there is a session of this id here already; it was left as it is"
REWRITTEN = "what is new in it there since it was taken over cannot be told for sure; it was left as it is here"
RESUMMARISED = "its summary was changed there since it was taken over; the one here was left as it is"
BOTH_GREW = "%d messages came to it there and others here since it was taken over; those from there were left out"
UNREACHABLE = (
    f"no call could reach a session of this name: it is empty, longer than {LONGEST_NAME:,} bytes, or no UTF-8"
)
CHANGED_MEANWHILE = "it changed here while it was taken over; it was left as it is, so run the import again"
DELETED_MEANWHILE = "it was deleted here while it was taken over, or another import took it over; it was left out"
TAKEN_MEANWHILE = "another import takes it over at the same time; it was left to that, so look at what that reports"
DROPPED = "of these messages were in no list and no summary: the original had dropped them. They lay by its vectors."
UNLISTED = (
    "of these messages were in no list any more: the summary of their session tells them or the original had dropped "
    "them, which is not recorded. They lay by its vectors, and the next fold tells them."
)


@dataclass
class Report:
    """What an import came to.

    ``dropped`` and ``unlisted`` are counted among ``messages``. ``continuations`` are the messages that continue the
    ``continued`` sessions, of which ``other_summaries`` have another summary there. ``skipped``: a sentence for
    everything that was left out although it may be wanted.
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
        """The report in words."""
        yield f"{self.sessions} sessions with {self.messages} messages were taken over."
        for count, sentence in self._counted():
            if count:
                yield f"{count} {sentence}"
        yield from self.skipped

    def _counted(self) -> Iterator[tuple[int, str]]:
        yield self.dropped, DROPPED
        yield self.unlisted, UNLISTED
        yield self.continuations, f"messages continue {self.continued} sessions that were taken over before."
        yield self.other_summaries, "of these sessions have another summary there by now; the one here was kept."
        yield self.again, "sessions had been taken over before."
        yield self.deleted, "sessions were deleted here after they had been taken over; --again takes them over again."
        yield self.no_summary, "summaries were NONE and count as none."
        yield self.ghosts, "ids were listed without a session and were left out."
        yield self.left_behind, "messages of deleted sessions lie beside the vectors and were left there."


class Import:
    """One import from ``original`` by ``takeover``. ``again``: also what was deleted here since."""

    def __init__(self, original: Original, takeover: Takeover, *, again: bool = False) -> None:
        self._original = original
        self._takeover = takeover
        self._again = again
        self._report = Report()

    async def run(self, progress: Progress) -> Report:
        """Take everything over; ``progress`` hears how many sessions of how many are done."""
        ids = await self._original.ids()
        for done, session_id in enumerate(ids):
            progress(done, len(ids))
            try:
                await self._session(session_id)
            except StoreRefused as error:
                self._skip(session_id, f"it could not be taken over: {error}".rstrip("."))
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
        """What there is to do for a session that is here: at most, to continue what was taken over before."""
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
        """Add what is new, if the session ``rests`` here: nothing was written to it since."""
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
