"""The AI SDK's own client in a Node process, and a relay that can cut its connection."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.node import NodeClient, Shown as Snapshot, node_client

__all__ = ["HERE", "AiSdk", "Relay", "Snapshot", "ai_sdk", "is_done", "text_of"]

HERE = Path(__file__).resolve().parent


class AiSdk(NodeClient):
    """The client. ``statuses`` holds all that each chat has had."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self.statuses: dict[str, list[str]] = {}

    async def tell(self, do: str, **arguments: Any) -> None:
        """Send a command to ``client.mjs``. Use `until` to wait for its effect."""
        await self.order(do=do, **arguments)

    async def ask(self, chat: str, text: str) -> Snapshot:
        """Send ``text`` and wait for the whole answer."""
        before = len(self.chats.get(chat, {"messages": []})["messages"])
        await self.tell("send", chat=chat, text=text)
        return await self.until(chat, lambda shown: is_done(shown) and len(shown["messages"]) == before + 2)

    def note(self, shown: Snapshot) -> None:
        self.statuses.setdefault(shown["chat"], []).append(shown["status"])
        super().note(shown)


def is_done(shown: Snapshot) -> bool:
    """Whether the chat has completed an answer."""
    return shown["status"] == "ready" and shown["finished"] is not None


def text_of(message: Snapshot) -> str:
    """The text of a message."""
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


@asynccontextmanager
async def ai_sdk(script: str = "client.mjs", **connection: Any) -> AsyncIterator[AiSdk]:
    """A client with one transport, made with the options ``connection``."""
    async with node_client(AiSdk, HERE / script) as client:
        await client.tell("connect", **connection)
        yield client


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
