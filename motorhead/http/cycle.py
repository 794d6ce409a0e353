"""uvicorn's side of a request, with an answer that leaves in one piece.

uvicorn writes the head by itself, after looking for forbidden characters in every header; that and the second system
call are a seventh of what a request costs this server (docs/memory-server.md). Here head and body are one write.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from motorhead.http.requests import Header

CLOSE: Header = (b"connection", b"close")


class Cycle(RequestResponseCycle):
    """One request and its answer: a start and one whole body, as `motorhead.http.application` sends them."""

    _start: MutableMapping[str, Any]

    async def send(self, message: MutableMapping[str, Any]) -> None:  # type: ignore[override] # as uvicorn has it
        """ASGI. The start waits for the body."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            self._write(self._start["status"], self._start["headers"], message["body"])

    def _write(self, status: int, headers: list[Header], body: bytes) -> None:
        self.response_started, self.waiting_for_100_continue = True, False
        if CLOSE in headers:
            self.keep_alive = False
        elif not self.keep_alive:
            headers = [*headers, CLOSE]
        head = b"".join([STATUS_LINE[status], *[b"%b: %b\r\n" % header for header in headers], b"\r\n"])
        if head.count(b"\n") != len(headers) + 2:
            raise RuntimeError("A header holds a line end.")
        self.transport.write(head if self.scope["method"] == "HEAD" else head + body)
        self._complete()

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
