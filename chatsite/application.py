"""The site as an ASGI application, for any server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from django.urls import set_script_prefix

from chat.worker import Worker

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class Application:
    """Passes requests to ``http`` and sockets to ``websocket``, and begins and ends ``worker`` with the lifespan.

    ``sub_path`` is the path below which the site is, such as "/chat", or "". Under a server without the lifespan
    protocol, the worker begins with the first request; see ``under_daphne`` for its end.
    """

    def __init__(self, http: App, websocket: App, worker: Worker, sub_path: str = "") -> None:
        self._apps: Mapping[str, App] = {"http": http, "websocket": websocket}
        self._worker = worker
        self._sub_path = sub_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one socket, or the process's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            self._worker.begin()
            set_script_prefix(self._sub_path)  # for addresses in what a socket sends; Django does so for requests
            await self._apps[scope["type"]](below(self._sub_path, scope), receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._worker.begin()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._worker.end()
        await send({"type": "lifespan.shutdown.complete"})


def below(sub_path: str, scope: Scope) -> Scope:
    """``scope`` with ``sub_path`` as its root path, and at the head of its path even if a proxy has removed it there.

    The root path in ``scope`` is ignored: Daphne takes it from a header, which anyone can send.
    """
    path = scope["path"]
    if path == sub_path:
        path += "/"
    elif not path.startswith(f"{sub_path}/"):
        path = sub_path + path
    return {**scope, "root_path": sub_path, "path": path}
