"""Runs: turns that go on without anybody listening, can be heard from any worker, stopped, and taken over.

A run is a task of this process and not of a socket. What it says goes to a `LiveRun`, from there to readers in this
process at once and to the run log every 50 ms, and from the log to readers anywhere.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from chat.domain.events import TERMINAL, Event, TextDelta, TurnFailed, TurnStarted
from chat.domain.exceptions import RunFenced, RunLogUnreachable, TooManyTurns, TurnInProgress, Unforeseen
from chat.domain.messages import Memory
from chat.domain.runs import Cursor, Entry, RunState, Turn
from chat.domain.sentences import sentence
from chat.domain.session_ids import Session
from chat.runs.bells import Bells
from chat.runs.flusher import PAUSE, Flusher
from chat.runs.limits import TurnLimiter
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.readers import LogReader, read_live
from chat.runs.records import Beginning, Claim
from chat.turns.early_load import EarlyLoad
from chat.turns.exchange import remember
from chat.turns.ports import MemoryPort, ModelPort
from chat.turns.turn import Persona, run_turn
from chat.turns.validation import check_text, check_turn_id

logger = logging.getLogger(__name__)

#: Seconds after which whoever waits for turns looks by itself, should a bell be lost.
LOOK_AGAIN_IDLE = 60.0


class Runs:
    """The runs of this process, and readers for those of all. ``on_idle`` is called when the last one here ended."""

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
    ) -> None:
        self._log = log
        self._bells = bells
        self._limiter = limiter
        self._memory = memory
        self._model = model
        self._persona = persona
        self._worker = worker
        self._max_chars = max_chars
        self._on_idle = on_idle
        self._live: dict[str, LiveRun] = {}
        self._flusher = Flusher(log, self._live.values, self._fence)
        self._flushing: asyncio.Task[None] | None = None
        self._leaving = False
        self._reader = LogReader(log, bells, self._here, self._take_over)

    @property
    def lease(self) -> float:
        """Seconds after which a run whose worker went silent can be taken over."""
        return self._log.lease

    # --- what doors call ------------------------------------------------------------------------------------------

    async def start(self, session: Session, text: str, turn_id: str, *, visitor: str) -> RunState:
        """Begin a turn and return at once; starting the same turn again returns the run that there is.

        Raises `InvalidText`, `InvalidTurn`, `TooManyTurns`, `TurnInProgress` (with the turn the session is busy
        with) and `RunLogUnreachable`. Cancelling it may leave a run begun: it is taken over like any lapsed one.
        """
        turn = self._turn(session, check_turn_id(turn_id), check_text(text, self._max_chars))
        first = TurnStarted(turn.turn_id, turn.text, turn.worker, turn.pid)
        try:
            await self._limiter.take(visitor)
        except TooManyTurns:
            if (known := await self.current(session)) and known.turn_id == turn_id:
                return known  # merely sent again
            raise
        load = EarlyLoad(self._memory, session.memory_id)
        beginning: Beginning | None = None
        try:
            beginning = await self._log.begin(session, turn_id, text, first)
        finally:
            if beginning is None or not beginning.begun:
                load.cancel()
                with suppress(RunLogUnreachable):  # then the count is forgotten with its minute
                    await self._limiter.give_back(visitor)
        if beginning.begun:
            self._begin(turn, first, load.if_idle(beginning.idle))
        elif beginning.state.turn_id != turn_id:
            raise TurnInProgress(beginning.state.turn_id)
        return beginning.state

    async def current(self, session: Session) -> RunState | None:
        """The session's active run, else the one that ended less than five minutes ago, else None."""
        return await self._log.state(session.memory_id)

    async def forget(self, session: Session) -> None:
        """Nothing of the session's ended turns can be read or resumed any more; an active one goes on."""
        await self._log.forget(session.memory_id)

    async def stop(self, session: Session, turn_id: str) -> bool:
        """Stop the run, wherever it is. What the user has seen is remembered. False: it has already finished."""
        stopping = await self._log.stop(session.memory_id, turn_id)
        if stopping and (run := self._here(session.memory_id, turn_id)):
            run.stop.wish()
        return stopping

    async def tail(self, session: Session, turn_id: str, after: Cursor | None = None) -> AsyncGenerator[Entry]:
        """The run's entries behind ``after`` (None: all), live, up to and with its terminal event.

        When what was read is void, an entry with `Restarted` comes, and the whole turn follows it. Raises
        `RunUnknown` when there is no such run or it ended more than five minutes ago. Closing or cancelling it does
        not touch the run.
        """
        cursor = after or Cursor(turn_id, 0, -1)
        while True:
            run = self._here(session.memory_id, turn_id)
            entries = read_live(run, cursor) if run else self._reader.read(session, cursor)
            async with aclosing(entries):
                async for entry in entries:
                    cursor = entry.cursor
                    yield entry
                    if isinstance(entry.event, TERMINAL):
                        return

    async def turns(self, session: Session, *, seen: str | None = None) -> AsyncGenerator[str]:
        """The id of every turn of the session, now and to come, without an end; not the one that is ``seen`` already.

        Ask for the next when the one before has been read. Raises `RunLogUnreachable` when Redis is away.
        """
        with self._bells.listen(session) as bell:
            while True:
                turn_id = await self._current_turn(session)
                if turn_id is None or turn_id == seen:
                    await bell.wait(LOOK_AGAIN_IDLE)
                else:
                    seen = turn_id
                    yield turn_id

    async def _current_turn(self, session: Session) -> str | None:
        state = await self._log.state(session.memory_id)
        return state.turn_id if state else None

    # --- what the worker calls ------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Take over every run whose worker went silent."""
        for memory_id, turn_id, generation in await self._log.lapsed():
            await self._take_over(memory_id, turn_id, generation)

    async def keep_sweeping(self) -> None:
        """Sweep for ever, a little more often than leases lapse, not in step with other workers."""
        while True:
            await asyncio.sleep(self._log.lease / 2 * random.uniform(0.8, 1.2))
            try:
                await self.sweep()
            except RunLogUnreachable:
                logger.warning("The run log cannot be reached; lapsed runs are looked for again later.")
            except Exception:  # the boundary of a task that must not end: without it no lapsed run would go on
                logger.exception("A sweep failed in a way nobody foresaw. The next one comes.")

    async def abandon(self) -> None:
        """End this process's tasks and let go of its runs, so that other workers go on with them at once."""
        self._leaving = True  # this process's own readers would take them over at once
        runs = list(self._live.values())
        for run in runs:
            if run.task is not None:
                run.task.cancel()
        await asyncio.gather(*(run.task for run in runs if run.task), return_exceptions=True)
        await asyncio.gather(*(self._log.abandon(run.batch([])) for run in runs), return_exceptions=True)

    # --- a run of this process ------------------------------------------------------------------------------------

    def _turn(self, session: Session, turn_id: str, text: str) -> Turn:
        return Turn(session, turn_id, text, self._worker, os.getpid())

    def _here(self, memory_id: str, turn_id: str) -> LiveRun | None:
        run = self._live.get(memory_id)
        return run if run is not None and run.turn.turn_id == turn_id and not run.closed else None

    def _begin(self, turn: Turn, first: TurnStarted, load: Awaitable[Memory] | None) -> None:
        run = LiveRun(turn, generation=1)
        run.publish(first)
        run.written = 1  # the log has it since the run was begun
        self._launch(run, self._answer(run, load))

    def _launch(self, run: LiveRun, work: AsyncGenerator[Event]) -> None:
        memory_id = run.turn.session.memory_id
        if (former := self._live.get(memory_id)) is not None:
            self._fence(former)  # this very process slept through its lease
        self._live[memory_id] = run
        run.task = asyncio.create_task(self._carry_out(run, work), name=f"run {run.turn.turn_id}")
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flusher.run(), name="flusher")

    def _answer(self, run: LiveRun, load: Awaitable[Memory] | None = None) -> AsyncGenerator[Event]:
        async def commit(reply: str, stopped: bool, epoch: str | None) -> bool:
            return await self._commit(run, reply, stopped=stopped, epoch=epoch)

        return run_turn(run.turn, self._persona, self._memory, self._model, run.stop, commit, load)

    async def _carry_out(self, run: LiveRun, work: AsyncGenerator[Event]) -> None:
        """The task of a run: the boundary at which an unforeseen error becomes a failed turn."""
        try:
            try:
                await self._publish_all(run, work)
            except (RunFenced, RunLogUnreachable, asyncio.CancelledError):
                raise
            except Exception:
                logger.exception("A turn failed in a way nobody foresaw.")
                await self._publish(run, TurnFailed(Unforeseen.code, sentence(Unforeseen()), Unforeseen.retryable))
        except RunFenced:
            logger.info("A run was taken over by another worker.")
        finally:
            self._release(run)

    async def _publish_all(self, run: LiveRun, work: AsyncGenerator[Event]) -> None:
        async with aclosing(work):
            async for event in work:
                if isinstance(event, TERMINAL):
                    await self._publish(run, event)
                elif not (isinstance(event, TurnStarted) and run.events):  # `start` has written it already
                    run.publish(event)

    async def _publish(self, run: LiveRun, terminal: Event) -> None:
        """Flush the end of the run before anybody sees it; while Redis is away, try again."""
        run.publish(terminal)
        while True:
            try:
                await self._log.finish(run.batch(run.events[run.written :]))
            except RunLogUnreachable:
                await asyncio.sleep(PAUSE * 10)
            else:
                run.reveal()
                return

    async def _commit(self, run: LiveRun, reply: str, *, stopped: bool, epoch: str | None) -> bool:
        while True:
            try:
                return await self._log.commit(run.batch([]), reply, stopped=stopped, epoch=epoch) == "ok"
            except RunLogUnreachable:
                await asyncio.sleep(PAUSE * 10)

    def _fence(self, run: LiveRun) -> None:
        run.close()
        if run.task is not None:
            run.task.cancel()

    def _release(self, run: LiveRun) -> None:
        run.close()
        memory_id = run.turn.session.memory_id
        if self._live.get(memory_id) is run:
            del self._live[memory_id]
        if not self._live:
            asyncio.get_running_loop().call_soon(self._on_idle)  # when this task has let go of the run, too

    # --- the runs of dead workers ------------------------------------------------------------------------------------

    async def _take_over(self, memory_id: str, turn_id: str, generation: int) -> bool:
        if self._leaving:
            return False
        claim = await self._log.take_over(memory_id, turn_id, generation)
        if claim is None:
            return False
        logger.info("Took a run over from a worker that went silent.")
        run = LiveRun(self._turn(claim.session, claim.turn_id, claim.text), claim.generation)
        self._launch(run, self._answer(run) if claim.reply is None else self._append_again(run, claim))
        return True

    async def _append_again(self, run: LiveRun, claim: Claim) -> AsyncGenerator[Event]:
        """What remains of a run whose reply was whole: the append. The model is not asked twice."""
        reply = claim.reply or ""
        yield TurnStarted(run.turn.turn_id, run.turn.text, run.turn.worker, run.turn.pid)
        yield TextDelta(reply)
        if claim.stopped:  # should this worker die, too, the next one is to post the same
            await self._commit(run, reply, stopped=True, epoch=claim.epoch)
        yield await remember(self._memory, run.turn, reply, stopped=claim.stopped, epoch=claim.epoch, again=True)
