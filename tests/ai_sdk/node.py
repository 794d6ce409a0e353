"""The AI SDK's own client in a Node process, and a relay that can cut its connection."""

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

Snapshot = dict[str, Any]


class AiSdk:
    """The client. ``chats`` holds the current state of each chat."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._news = asyncio.Condition()
        self.chats: dict[str, Snapshot] = {}
        self.statuses: dict[str, list[str]] = {}

    async def tell(self, do: str, **arguments: Any) -> None:
        """Send a command to ``client.mjs``. Use `until` to wait for its effect."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, chat: str, holds: Callable[[Snapshot], bool]) -> Snapshot:
        """Wait until ``holds`` is true of the state of ``chat``, and return the state."""
        try:
            async with asyncio.timeout(SOON), self._news:
                await self._news.wait_for(lambda: chat in self.chats and holds(self.chats[chat]))
        except TimeoutError:
            raise AssertionError(f"{chat} shows {self.chats.get(chat)}") from None
        return self.chats[chat]

    async def ask(self, chat: str, text: str) -> Snapshot:
        """Send ``text`` and wait for the whole answer."""
        before = len(self.chats.get(chat, {"messages": []})["messages"])
        await self.tell("send", chat=chat, text=text)
        return await self.until(chat, lambda shown: is_done(shown) and len(shown["messages"]) == before + 2)

    async def listen(self) -> None:
        """Keep the state of the chats up to date until the client ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            shown = json.loads(line)
            async with self._news:
                self.chats[shown["chat"]] = shown
                self.statuses.setdefault(shown["chat"], []).append(shown["status"])
                self._news.notify_all()


def is_done(shown: Snapshot) -> bool:
    """Whether the chat has completed an answer."""
    return shown["status"] == "ready" and shown["finished"] is not None


def text_of(message: Snapshot) -> str:
    """The text of a message."""
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


@asynccontextmanager
async def ai_sdk(**connection: Any) -> AsyncIterator[AiSdk]:
    """A client with one transport, made with the options ``connection``."""
    process = await asyncio.create_subprocess_exec(
        NODE, HERE / "client.mjs", stdin=PIPE, stdout=PIPE, env=clean_environment(), limit=2**24
    )
    client = AiSdk(process)
    listening = asyncio.create_task(client.listen())
    try:
        await client.tell("connect", **connection)
        yield client
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        process.kill()
        await process.wait()


class Relay:
    """A port that relays a client's connections to the site until they are cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Relay]:
        """Relay connections inside the block."""
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
            self.cut()

    def cut(self) -> None:
        """Break every connection without closing it, like a lost network."""
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site_reader, site_writer = await asyncio.open_connection("127.0.0.1", self._target)
        ends = {writer, site_writer}
        self._writers |= ends
        await asyncio.gather(_pump(reader, site_writer), _pump(site_reader, writer))
        self._writers -= ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(2**16):
            writer.write(some)
            await writer.drain()
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()
