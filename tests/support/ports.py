"""Ports for tests of turns and runs: a memory that fails and a model that answers as the test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from langchain_core.messages import BaseMessage

from chat.domain.exceptions import ChatError
from chat.domain.messages import Memory, Message, Reasoning
from chat.domain.session_ids import Session
from tests.support.in_memory import DictMemory
from tests.support.servers import PATIENCE


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Return once ``condition`` holds; for states of Redis, of which this process gets no event."""
    async with asyncio.timeout(seconds * PATIENCE):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class FailingMemory(DictMemory):
    """A memory in a dict that fails and waits as the test decides, and records appended turns."""

    def __init__(self, window_size: int = 12) -> None:
        super().__init__(window_size)
        self.appends: list[str] = []
        self.load_errors: list[ChatError] = []
        self.append_errors: list[ChatError] = []
        self.near: list[Message] | ChatError = []
        self.append_gate: asyncio.Event | None = None

    async def get_memory(self, memory_id: str) -> Memory:
        if self.load_errors:
            raise self.load_errors.pop(0)
        return await super().get_memory(memory_id)

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        if isinstance(self.near, ChatError):
            raise self.near
        return self.near

    async def append_messages(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        turn_id: str,
        epoch: str | None = None,
        again: bool = False,
        replace_after: str | None = None,
    ) -> None:
        if self.append_gate is not None:
            await self.append_gate.wait()
        if self.append_errors:
            raise self.append_errors.pop(0)
        await super().append_messages(
            session, messages, turn_id=turn_id, epoch=epoch, again=again, replace_after=replace_after
        )
        if turn_id not in self.appends:
            self.appends.append(turn_id)


class ControlledModel:
    """A model that streams the pieces passed to `say`, until `end` or `fail`. It counts its calls."""

    name = "controlled"

    def __init__(self) -> None:
        self.prompts: list[list[BaseMessage]] = []
        self.asked = asyncio.Event()
        self.closed = 0
        self._said: asyncio.Queue[str | Reasoning | ChatError | None] = asyncio.Queue()

    def say(self, *pieces: str | Reasoning) -> None:
        for piece in pieces:
            self._said.put_nowait(piece)

    def end(self) -> None:
        self._said.put_nowait(None)

    def fail(self, error: ChatError) -> None:
        self._said.put_nowait(error)

    async def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str | Reasoning]:
        self.prompts.append(list(messages))
        self.asked.set()
        try:
            while (piece := await self._said.get()) is not None:
                if isinstance(piece, ChatError):
                    raise piece
                yield piece
        finally:
            self.closed += 1
