"""A line to a server that can fall silent, so that its connections stay open but carry nothing, and be cut."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.servers import PATIENCE

PORTION = 65536
#: The beginning of the answer after which a connection is a websocket.
SWITCHING = b"HTTP/1.1 101"


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(eq=False)
class _Connection:
    """A client of the line, which directions are carried, and whether it is a websocket."""

    client: asyncio.StreamWriter
    there: asyncio.Event = field(default_factory=_set)
    back: asyncio.Event = field(default_factory=_set)
    is_socket: bool = False

    def silence(self, *, only_back: bool) -> None:
        self.back.clear()
        if not only_back:
            self.there.clear()


class SilentLine:
    """Carries bytes between ``url``, its own address, and the server at ``target``, until a test silences it.

    It runs in a thread with its own event loop, so it also carries bytes while the test's loop is blocked.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._connections: list[_Connection] = []
        self._new = asyncio.Event()
        self._new.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="silent-line", daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def silence(self, *, only_back: bool = False, only_sockets: bool = False) -> None:
        """Have the connections that are open now carry nothing any more, or nothing back. New ones carry everything.

        ``only_sockets``: those that are not websockets carry everything, too.
        """
        for connection in self._connections:
            if connection.is_socket or not only_sockets:
                self._loop.call_soon_threadsafe(partial(connection.silence, only_back=only_back))

    def cut_sockets(self) -> None:
        """Break the websockets that are open now."""
        for connection in self._connections:
            if connection.is_socket:
                self._loop.call_soon_threadsafe(connection.client.transport.abort)

    def hold(self) -> None:
        """Accept new connections, but carry nothing on them until `release`."""
        self._loop.call_soon_threadsafe(self._new.clear)

    def release(self) -> None:
        """Carry everything on new connections, and on those that were held."""
        self._loop.call_soon_threadsafe(self._new.set)

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10 * PATIENCE)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        connection = _Connection(writer)
        self._connections.append(connection)
        with suppress(OSError, asyncio.CancelledError):  # the end of the task, either way
            await self._new.wait()
            answers, server = await asyncio.open_connection(self._target.hostname, self._target.port)
            await asyncio.gather(self._carry(reader, server, connection.there), self._carry_back(answers, connection))

    async def _carry_back(self, answers: asyncio.StreamReader, connection: _Connection) -> None:
        first = await answers.read(PORTION)
        connection.is_socket = first.startswith(SWITCHING)
        await connection.back.wait()
        connection.client.write(first)
        await self._carry(answers, connection.client, connection.back)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, carries: asyncio.Event) -> None:
        try:
            while portion := await reader.read(PORTION):
                await carries.wait()
                writer.write(portion)
                await writer.drain()
            await carries.wait()  # a silent line does not tell of an end either
        finally:
            writer.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
