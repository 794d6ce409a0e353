"""A run owned by this process: its events as they happen, for readers in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from chat.domain.events import TERMINAL, Event
from chat.domain.prompts import SentPrompt, TurnEnd
from chat.domain.runs import Turn
from chat.runs.records import Batch
from chat.turns.recorder import TurnRecorder
from chat.turns.stop import StopSignal


class LiveRun:
    """The events of one generation of a run.

    Readers here see deltas at once, all others when they are flushed; a terminal event is flushed first.
    ``seen`` counts the events that readers may have, ``written`` those in the log. ``recorder`` records what the model
    is sent, and ``kept`` counts the prompts that are kept in Redis, or replaced.
    """

    def __init__(self, turn: Turn, generation: int) -> None:
        self.turn = turn
        self.generation = generation
        self.recorder: TurnRecorder | None = None
        self.kept = 0
        self.stop = StopSignal()
        self.events: list[Event] = []
        self.seen = 0
        self.written = 0
        self.task: asyncio.Task[None] | None = None
        #: True when this process no longer owns the run: it has ended, or another worker has taken it over.
        self.closed = False
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def ending(self) -> bool:
        """Whether all that is left is `RunLog.finish`, which writes the rest."""
        return bool(self.events) and isinstance(self.events[-1], TERMINAL)

    def publish(self, event: Event) -> None:
        """Add an event. A terminal one becomes visible only with `reveal`."""
        self.events.append(event)
        if not isinstance(event, TERMINAL):
            self.reveal()

    def reveal(self) -> None:
        """Let readers see all events."""
        self.seen = len(self.events)
        self._wake()

    def close(self) -> None:
        """Send readers to the log."""
        self.closed = True
        self._wake()

    def unwritten(self) -> Batch:
        """The events not yet in the log, without a terminal one: only `RunLog.finish` writes that."""
        events = self.events[self.written :]
        if events and isinstance(events[-1], TERMINAL):
            events.pop()
        return self.batch(events, sent=self._unkept())

    def last(self) -> Batch:
        """All events not yet in the log, and the end of the record."""
        end = self.recorder.end if self.recorder else None
        return self.batch(self.events[self.written :], sent=self._unkept(), end=end)

    def batch(self, events: list[Event], *, sent: SentPrompt | None = None, end: TurnEnd | None = None) -> Batch:
        """``events`` as the log's next entries, with ``sent`` and ``end`` to be kept beside them."""
        return Batch(self.turn.session.memory_id, self.turn.turn_id, self.generation, self.written, events, sent, end)

    async def read(self, seq: int) -> AsyncGenerator[tuple[int, Event]]:
        """(seq, event) from ``seq`` on, as they come, until the run is closed and everything was read."""
        while True:
            while seq < self.seen:
                yield seq, self.events[seq]
                seq += 1
            if self.closed:
                return
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def _unkept(self) -> SentPrompt | None:
        sent = self.recorder.sent if self.recorder else None
        return sent if sent and sent.attempt > self.kept else None

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
