"""Runs for tests of the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from chat.domain.events import Event
from chat.domain.runs import Cursor, Entry, RunState
from chat.domain.session_ids import Session


class ToldRuns:
    """Runs that say what the test has written down."""

    def __init__(self, *told: Event | Exception | asyncio.Event, state: RunState | None = None) -> None:
        self.told = told
        self.state = state
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.listeners = 0

    async def start(self, session: Session, text: str, turn_id: str, *, visitor: str) -> RunState:
        self.started.append(turn_id)
        ended = self.state is not None and len(self.started) == 1
        return RunState(turn_id, 1, text, ended)

    async def current(self, session: Session) -> RunState | None:
        return self.state

    async def stop(self, session: Session, turn_id: str) -> bool:
        self.stopped.append(turn_id)
        return True

    async def tail(self, session: Session, turn_id: str) -> AsyncGenerator[Entry]:
        self.listeners += 1
        try:
            for seq, told in enumerate(self.told):
                if isinstance(told, asyncio.Event):
                    await told.wait()
                elif isinstance(told, Exception):
                    raise told
                else:
                    yield Entry(Cursor(turn_id, 1, seq), told)
        finally:
            self.listeners -= 1
