"""The site as an ASGI application, for any server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from chat.worker import Worker

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class Application:
    """Passes requests to ``http`` and sockets to ``websocket``, and begins and ends ``worker`` with the lifespan.

    Under a server without the lifespan protocol, the worker begins with the first request; see ``under_daphne`` for
    its end.
    """

    def __init__(self, http: App, websocket: App, worker: Worker) -> None:
        self._apps: Mapping[str, App] = {"http": http, "websocket": websocket}
        self._worker = worker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one socket, or the process's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            self._worker.begin()
            await self._apps[scope["type"]](scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._worker.begin()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._worker.end()
        await send({"type": "lifespan.shutdown.complete"})
