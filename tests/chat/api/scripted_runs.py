"""Runs for tests of the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import cast

from chat.api.past import Past
from chat.domain.events import Event
from chat.domain.runs import Cursor, Entry, RunState
from chat.domain.session_ids import Session
from chat.runs.limits import TokenLimits
from chat.turns.ports import RunsPort
from tests.support.in_memory import DictMemory


class ScriptedRuns:
    """Runs with events scripted by the test. ``settled``: a run that is stopping ends in time."""

    settled = True

    def __init__(self, *script: Event | Exception | asyncio.Event, state: RunState | None = None) -> None:
        self.script = script
        self.state = state
        self.started: list[str] = []
        self.places: list[str | None] = []
        self.stopped: list[str] = []
        self.listeners = 0

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
        self.started.append(turn_id)
        self.places.append(replace_after)
        ended = self.state is not None and len(self.started) == 1
        return RunState(turn_id, 1, text, ended)

    async def current(self, session: Session) -> RunState | None:
        return self.state

    async def behind_stop(self, session: Session) -> RunState | None:
        if self.state is not None and self.settled:
            self.state = replace(self.state, ended=True, stopping=False)
        return self.state

    async def ended(self, session: Session) -> list[str]:
        return [] if self.state is None or not self.state.ended else [self.state.turn_id]

    async def stop(self, session: Session, turn_id: str) -> bool:
        self.stopped.append(turn_id)
        return True

    async def tail(self, session: Session, turn_id: str) -> AsyncGenerator[Entry]:
        self.listeners += 1
        try:
            for seq, step in enumerate(self.script):
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield Entry(Cursor(turn_id, 1, seq), step)
        finally:
            self.listeners -= 1


def past(*said: str) -> Past:
    """The past of a session in which this was ``said`` in turn, and nothing is being answered."""
    memory = DictMemory()
    session = Session("bob.s", "chat.bob")
    memory.seed(session, *said)
    return Past(session, memory, cast(RunsPort, ScriptedRuns()))
