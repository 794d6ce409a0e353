"""Runs: turns that continue without a listener, and can be read, stopped and taken over from any worker.

A run is a task of this process, not of a socket. Its events go to a `LiveRun`, from there to readers in this process
at once and to the run log every 50 ms, and from the log to readers anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from chat.domain.events import TERMINAL
from chat.domain.exceptions import RunLogUnreachable, RunUnknown, TooManyTurns, TurnInProgress
from chat.domain.messages import Memory
from chat.domain.prompts import PromptRecord
from chat.domain.reports import TurnReport
from chat.domain.runs import Cursor, Entry, RunState, Turn
from chat.domain.session_ids import Session, namespace_of
from chat.runs.answering import Answering
from chat.runs.bells import Bells
from chat.runs.lapsed import LapsedRuns
from chat.runs.limits import TokenLimits, TurnLimiter
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.process import ProcessRuns
from chat.runs.readers import LogReader, read_live
from chat.runs.records import Beginning
from chat.turns.early_load import EarlyLoad
from chat.turns.ports import MemoryPort, ModelPort
from chat.turns.turn import Persona
from chat.turns.validation import check_place, check_text, check_turn_id

#: Seconds after which a listener that waits for turns looks again without a bell, which may have been lost.
LOOK_AGAIN_IDLE = 60.0
#: Seconds for which a new turn waits for the end of the one that its user has stopped.
STOPPING = 10.0


class Runs:
    """The runs of this process, and readers for those of every process.

    ``on_idle`` is called when the last run of this process has ended, ``on_end`` with a report on each that has ended
    here, ``on_take_over`` when one is taken over.
    """

    def __init__(
        self,
        log: RunLog,
        bells: Bells,
        limiter: TurnLimiter,
        memory: MemoryPort,
        model: ModelPort,
        persona: Persona,
        *,
        worker: str,
        max_chars: int,
        on_idle: Callable[[], object] = lambda: None,
        on_end: Callable[[TurnReport], None] = lambda report: None,
        on_take_over: Callable[[], None] = lambda: None,
    ) -> None:
        self._log = log
        self._bells = bells
        self._limiter = limiter
        self._memory = memory
        self._max_chars = max_chars
        self._answering = Answering(log, memory, model, persona, worker)
        self._here = ProcessRuns(log, on_idle, on_end)
        self._lapsed = LapsedRuns(log, self._answering, self._here, on_take_over)
        self._reader = LogReader(log, bells, self._here.find, self._lapsed.take_over)

    @property
    def lease(self) -> float:
        """Seconds after which a run whose worker has gone silent can be taken over."""
        return self._log.lease

    # --- what doors call ------------------------------------------------------------------------------------------

    async def start(
        self,
        session: Session,
        text: str,
        turn_id: str,
        *,
        visitor: str,
        network: str | None = None,
        token: TokenLimits | None = None,
        replace_after: str | None = None,
    ) -> RunState:
        """Begin a turn and return at once. Starting the same turn again returns its existing run.

        ``visitor``, ``network`` (None: not known) and ``token`` (None: one without limits) are those whose turns are
        counted. ``replace_after``: the exchange replaces the messages behind the one with this id ("0": all), once it
        is remembered.

        A turn that follows the user's request to stop another waits for the end of that one, for 10 s at most.

        Raises `InvalidText`, `InvalidTurn`, `TooManyTurns`, `TurnInProgress` (with the turn that the session is busy
        with) and `RunLogUnreachable`. Cancelling it may leave a run behind, which is taken over like any lapsed one.
        """
        text = check_text(text, self._max_chars)
        turn = self._answering.turn(session, check_turn_id(turn_id), text, check_place(replace_after))
        try:
            await self._limiter.take(visitor, network, token)
        except TooManyTurns:
            if (known := await self.current(session)) and known.turn_id == turn_id:
                return known  # the same turn, sent again
            raise
        load = EarlyLoad(self._memory, session.memory_id)
        beginning: Beginning | None = None
        try:
            beginning = await self._begin_behind_stop(turn)
        finally:
            if beginning is None or not beginning.begun:
                load.cancel()
                with suppress(RunLogUnreachable):  # then the count expires with its minute
                    await self._limiter.give_back(visitor, network, token)
        if beginning.begun:
            self._begin(turn, load.if_idle(beginning.idle))
        elif beginning.state.turn_id != turn_id:
            raise TurnInProgress(beginning.state.turn_id)
        return beginning.state

    async def check(self) -> None:
        """Return if turns can begin. Raises `RunLogUnreachable`: what each of them needs in Redis is away."""
        await self._log.check()
        await self._limiter.check()

    async def current(self, session: Session) -> RunState | None:
        """The session's active run, or one that ended less than five minutes ago, or None."""
        return await self._log.state(session.memory_id)

    async def behind_stop(self, session: Session) -> RunState | None:
        """The same as `current`, once a run that was asked to stop has ended, for 10 s at most."""
        state = await self.current(session)
        if state is None or not state.stopping:
            return state
        await self._ended(session, state.turn_id)
        return await self.current(session)

    async def answering(self, owner: str) -> list[Session]:
        """The owner's sessions that are answering, or were a moment ago, also those that are not in the memory yet."""
        return [Session(memory_id, namespace_of(owner)) for memory_id in await self._log.active(owner)]

    async def ended(self, session: Session) -> list[str]:
        """The ids of the session's turns that ended less than five minutes ago, newest first."""
        return await self._log.ended(session.memory_id)

    async def prompt(self, session: Session, turn_id: str) -> PromptRecord | None:
        """What the turn's model was sent; None if that is unknown, or the turn ended more than five minutes ago."""
        return await self._log.prompt(session.memory_id, turn_id)

    async def forget(self, session: Session) -> None:
        """Forget the session's ended turns, which can then no longer be read; an active one continues."""
        await self._log.forget(session.memory_id)

    async def stop(self, session: Session, turn_id: str) -> bool:
        """Stop the run in whichever process owns it; its text so far is remembered. False: it has already finished."""
        stopping = await self._log.stop(session.memory_id, turn_id)
        if stopping and (run := self._here.find(session.memory_id, turn_id)):
            run.stop.request()
        return stopping

    async def tail(self, session: Session, turn_id: str, after: Cursor | None = None) -> AsyncGenerator[Entry]:
        """The run's entries after ``after`` (None: all), live, up to and including its terminal event.

        When everything read so far is void, an entry with `Restarted` comes, followed by the whole turn. Closing or
        cancelling it does not affect the run. Raises `RunUnknown`: there is no such run, or it ended more than five
        minutes ago.
        """
        cursor = after or Cursor(turn_id, 0, -1)
        while True:
            run = self._here.find(session.memory_id, turn_id)
            entries = read_live(run, cursor) if run else self._reader.read(session, cursor)
            async with aclosing(entries):
                async for entry in entries:
                    cursor = entry.cursor
                    yield entry
                    if isinstance(entry.event, TERMINAL):
                        return

    async def turns(self, session: Session, *, seen: str | None = None) -> AsyncGenerator[str]:
        """The ids of the session's current and future turns, without an end, except the one already ``seen``.

        Read a turn to its end before taking the next id. Raises `RunLogUnreachable`: Redis did not answer.
        """
        with self._bells.listen(session) as bell:
            while True:
                turn_id = await self._current_turn(session)
                if turn_id is None or turn_id == seen:
                    await bell.wait(LOOK_AGAIN_IDLE)
                else:
                    seen = turn_id
                    yield turn_id

    # --- what the worker calls ------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Take over every run whose worker has gone silent."""
        await self._lapsed.sweep()

    async def keep_sweeping(self) -> None:
        """Sweep until cancelled, a little more often than leases lapse and not in step with other workers."""
        await self._lapsed.keep_sweeping()

    def __len__(self) -> int:
        """How many runs this process carries out."""
        return len(self._here)

    @property
    def owners(self) -> set[str]:
        """The owners of the runs that this process carries out."""
        return self._here.owners

    @property
    def leaving(self) -> bool:
        """Whether the process is to end."""
        return self._lapsed.leaving

    def leave(self) -> None:
        """Take no more runs over, because the process is to end."""
        self._lapsed.leave()

    async def abandon(self) -> None:
        """End this process's tasks and release its runs, so that other workers continue them at once."""
        self.leave()  # otherwise this process's own readers would take them over at once
        await self._here.abandon()

    # --- inner ----------------------------------------------------------------------------------------------------

    async def _begin_behind_stop(self, turn: Turn) -> Beginning:
        """Begin the run in the log, behind the one that the user has stopped."""
        beginning = await self._log.begin(turn)
        if not beginning.state.stopping or beginning.state.turn_id == turn.turn_id:
            return beginning
        await self._ended(turn.session, beginning.state.turn_id)
        return await self._log.begin(turn)

    async def _ended(self, session: Session, turn_id: str) -> None:
        """Wait for the end of a run that is stopping. Reading a dead worker's run takes it over."""
        with suppress(TimeoutError, RunUnknown):
            async with asyncio.timeout(STOPPING), aclosing(self.tail(session, turn_id)) as entries:
                async for _ in entries:
                    pass

    def _begin(self, turn: Turn, load: Awaitable[Memory] | None) -> None:
        run = LiveRun(turn, generation=1)
        run.publish(turn.started)
        run.written = 1  # written when the run was begun
        self._here.launch(run, self._answering.answer(run, load))

    async def _current_turn(self, session: Session) -> str | None:
        state = await self._log.state(session.memory_id)
        return state.turn_id if state else None
