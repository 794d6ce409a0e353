"""The work of a run's task: answering its turn, or only appending a reply that its last worker left complete."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable

from chat.domain.events import Event, TextDelta
from chat.domain.exceptions import RunLogUnreachable
from chat.domain.messages import Memory
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.runs.flusher import PAUSE
from chat.runs.live import LiveRun
from chat.runs.log import RunLog
from chat.runs.records import Claim
from chat.turns.exchange import remember
from chat.turns.outcome import outcome_of
from chat.turns.ports import MemoryPort, ModelPort
from chat.turns.recorder import TurnRecorder
from chat.turns.turn import Persona, run_turn


class Answering:
    """Answers turns in this process. ``worker`` is its worker's name."""

    def __init__(self, log: RunLog, memory: MemoryPort, model: ModelPort, persona: Persona, worker: str) -> None:
        self._log = log
        self._memory = memory
        self._model = model
        self._persona = persona
        self._worker = worker

    def turn(self, session: Session, turn_id: str, text: str, replace_after: str | None = None) -> Turn:
        """A turn to be answered by this process."""
        return Turn(session, turn_id, text, self._worker, os.getpid(), replace_after)

    def answer(self, run: LiveRun, load: Awaitable[Memory] | None = None) -> AsyncGenerator[Event]:
        """The events of the whole turn. ``load``: its memory, if that is already being loaded."""

        async def commit(reply: str, stopped: bool, epoch: str | None, /) -> bool:
            return await self._commit(run, reply, stopped=stopped, epoch=epoch)

        run.recorder = TurnRecorder(run.turn, self._model.name, run.generation)
        return run_turn(run.turn, self._persona, self._memory, self._model, run.stop, commit, load, run.recorder)

    async def append_again(self, run: LiveRun, claim: Claim) -> AsyncGenerator[Event]:
        """Finish a run whose reply was complete: only the append is left. The model is not asked again."""
        reply = claim.reply or ""
        run.recorder = TurnRecorder(run.turn, self._model.name, run.generation)
        yield run.turn.started
        yield TextDelta(reply)
        if claim.stopped:  # so that the next worker appends the same reply if this one dies too
            await self._commit(run, reply, stopped=True, epoch=claim.epoch)
        outcome = outcome_of(reply, stopped=claim.stopped)
        missed = run.recorder.miss
        last = await remember(self._memory, run.turn, outcome, epoch=claim.epoch, again=True, on_miss=missed)
        run.recorder.remember(last)
        yield last

    async def _commit(self, run: LiveRun, reply: str, *, stopped: bool, epoch: str | None) -> bool:
        while True:
            try:
                return await self._log.commit(run.batch([]), reply, stopped=stopped, epoch=epoch) == "ok"
            except RunLogUnreachable:
                await asyncio.sleep(PAUSE * 10)
