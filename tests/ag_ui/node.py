"""AG-UI's own clients in a Node process."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.ai_sdk.sockets import SOON
from tests.support.node import NODE
from tests.support.servers import clean_environment

HERE = Path(__file__).resolve().parent

Shown = dict[str, Any]


class AgUi:
    """The clients. ``chats`` holds the current state of each chat."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._news = asyncio.Condition()
        self.chats: dict[str, Shown] = {}

    async def tell(self, do: str, chat: str, **arguments: Any) -> None:
        """Send a command to ``client.mjs``. Use `until` to wait for its effect."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "chat": chat, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, chat: str, holds: Callable[[Shown], bool]) -> Shown:
        """Wait until ``holds`` is true of the state of ``chat``, and return the state."""
        try:
            async with asyncio.timeout(SOON), self._news:
                await self._news.wait_for(lambda: chat in self.chats and holds(self.chats[chat]))
        except TimeoutError:
            raise AssertionError(f"{chat} shows {self.chats.get(chat)}") from None
        return self.chats[chat]

    async def ask(self, chat: str, text: str, **arguments: Any) -> Shown:
        """Send ``text`` and wait for the whole answer."""
        ended = len(ends(self.chats.get(chat, {"events": []})))
        await self.tell("send", chat, text=text, **arguments)
        return await self.until(chat, lambda shown: len(ends(shown)) > ended and shown["status"] in {"ready", "error"})

    async def listen(self) -> None:
        """Keep the state of the chats up to date until the clients end."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            shown = json.loads(line)
            async with self._news:
                self.chats[shown["chat"]] = shown
                self._news.notify_all()


def ends(shown: Shown) -> list[Shown]:
    """The events that have ended a run."""
    return [event for event in shown["events"] if event["type"] in {"RUN_FINISHED", "RUN_ERROR"}]


def kinds(shown: Shown) -> list[str]:
    """The types of all events; adjacent ones of the same type count once."""
    found = [event["type"] for event in shown["events"]]
    return [kind for place, kind in enumerate(found) if not place or found[place - 1] != kind]


def texts(shown: Shown) -> list[str]:
    """The texts of all messages."""
    return [message["text"] for message in shown["messages"]]


@asynccontextmanager
async def ag_ui() -> AsyncIterator[AgUi]:
    """A process with the clients."""
    process = await asyncio.create_subprocess_exec(
        NODE, HERE / "client.mjs", stdin=PIPE, stdout=PIPE, env=clean_environment(), limit=2**24
    )
    client = AgUi(process)
    listening = asyncio.create_task(client.listen())
    try:
        yield client
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        process.kill()
        await process.wait()
