"""A line to a server that can fall silent: its connections stay open, but carry nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.servers import PATIENCE

PORTION = 65536


class SilentLine:
    """Carries bytes between ``url``, its own address, and the server at ``target``, until a test silences it.

    It runs in a thread with its own event loop, so it also carries bytes while the test's loop is blocked.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._connections: list[tuple[asyncio.Event, asyncio.Event]] = []
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

    def silence(self, *, only_back: bool = False) -> None:
        """Have the connections that are open now carry nothing any more, or nothing back. New ones carry everything."""
        for there, back in self._connections:
            self._loop.call_soon_threadsafe(back.clear)
            if not only_back:
                self._loop.call_soon_threadsafe(there.clear)

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
        carries_there, carries_back = asyncio.Event(), asyncio.Event()
        carries_there.set()
        carries_back.set()
        self._connections.append((carries_there, carries_back))
        with suppress(OSError, asyncio.CancelledError):  # the end of the task, either way
            await self._new.wait()
            there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
            await asyncio.gather(self._carry(reader, back, carries_there), self._carry(there, writer, carries_back))

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
