"""Following a turn for one run of a client: from an offset, across restarts, with what the client may not know."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeAlias

from chat.api.ag_ui.answer import AnswerEvents, memory_event, run_finished, run_started
from chat.api.ag_ui.events import Event, RunError, RunFinished, RunStarted
from chat.api.ag_ui.offsets import Offset, mark_of
from chat.api.ag_ui.snapshots import snapshot_of
from chat.api.ai_sdk.message_ids import name_of
from chat.api.past import Past
from chat.domain.events import TERMINAL, Restarted, TurnStarted
from chat.domain.messages import Memory
from chat.domain.runs import Entry

#: An event with its offset. What is sent besides the events of the log has none: it follows from where a client is.
Placed: TypeAlias = tuple[Offset | None, Event]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a client, in the session ``session_id``.

    ``after``: the client has everything up to here, or nothing if that is another run's. ``resumed``: it may not have
    the session's messages, or has part of the answer, so that it needs a snapshot. ``known`` has its own ids for
    messages of the user (`by_ending`).
    """

    session_id: str
    run_id: str
    after: Offset | None = None
    resumed: bool = False
    known: Mapping[str, str] = field(default_factory=dict)


class Follower:
    """The events of ``run``. Begin with `follow`. ``ended``: the last one was made."""

    def __init__(self, run: Run, past: Past) -> None:
        self.ended = False
        self._run = run
        self._past = past
        self._mark = mark_of(run.run_id)
        self._answer = AnswerEvents(run.session_id, run.run_id)
        self._after = run.after if run.after and run.after.is_of(run.session_id, run.run_id) else None
        self._started = self._after is not None  # a client with an offset has the first event
        self._needs_snapshot = run.resumed and self._after is None
        self._complete = False

    async def follow(self, entries: AsyncGenerator[Entry]) -> AsyncGenerator[Placed]:
        """The events for ``entries``, which are closed. Without entries, the run shows the past.

        Raises what ``entries`` raises, and `MemoryServerError`.
        """
        empty = True
        async with aclosing(entries):
            async for entry in entries:
                if isinstance(entry.event, Restarted) or self._is_elsewhere(entry):
                    for event in self._begin_again():
                        yield None, event
                if not isinstance(entry.event, Restarted):
                    self.ended = isinstance(entry.event, TERMINAL)
                    async for placed in self._events(entry):
                        yield placed
                empty = False
                del entry
        if empty:
            async for placed in self._show_past():
                yield placed

    def _is_elsewhere(self, entry: Entry) -> bool:
        """Whether the client's offset is in an answer that was begun again since."""
        return self._after is not None and self._after.generation != entry.cursor.generation

    def _begin_again(self) -> list[Event]:
        """End what is open. The snapshot that follows takes it back."""
        self._after, self._needs_snapshot = None, True
        return list(self._answer.close())

    async def _events(self, entry: Entry) -> AsyncGenerator[Placed]:
        for part, event in enumerate(self._answer.events(entry.event)):
            offset = Offset(self._run.session_id, entry.cursor.generation, entry.cursor.seq, part, self._mark)
            if self._is_new(event, offset):
                yield (offset if name_of(entry.cursor.turn_id) == self._run.run_id else None), event
        if isinstance(entry.event, TurnStarted) and self._needs_snapshot:
            self._needs_snapshot = False
            snapshot = snapshot_of(
                await self._past.history(), entry.event.turn_id, entry.event.text, known=self._run.known
            )
            self._complete = snapshot.complete
            yield None, snapshot.event
            if self._complete:
                yield None, memory_event(await self._past.remembered(), changed=False)

    def _is_new(self, event: Event, offset: Offset) -> bool:
        """Whether the client does not have the event yet."""
        if isinstance(event, RunStarted):
            known, self._started = self._started, True
            return not known
        if self._complete and not isinstance(event, RunFinished | RunError):
            return False
        return self._after is None or offset.is_behind(self._after)

    async def _show_past(self) -> AsyncGenerator[Placed]:
        names = self._run.session_id, self._run.run_id
        yield None, run_started(*names)
        yield None, snapshot_of(await self._past.history(), known=self._run.known).event
        yield None, memory_event(await self._past.remembered(), changed=False)
        yield None, run_finished(*names)


async def follow_memory(run: Run, memories: AsyncGenerator[Memory]) -> AsyncGenerator[Placed]:
    """The events for ``memories``, which are closed: the state, and each change of it."""
    yield None, run_started(run.session_id, run.run_id)
    changed = False
    async with aclosing(memories):
        async for memory in memories:
            yield None, memory_event(memory, changed=changed)
            changed = True
            del memory
