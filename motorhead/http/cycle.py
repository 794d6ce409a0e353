"""uvicorn's request cycle, with the response sent in a single write.

uvicorn writes the head separately, after checking every header for forbidden characters. This check and the second
system call are a seventh of this server's cost per request (docs/memory-server.md).
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from motorhead.http.requests import Header

CLOSE: Header = (b"connection", b"close")


class Cycle(RequestResponseCycle):
    """One request and its response: a start and one complete body, as `motorhead.http.application` sends them."""

    _start: MutableMapping[str, Any]

    async def send(self, message: MutableMapping[str, Any]) -> None:  # type: ignore[override] # as uvicorn has it
        """ASGI. The start of the response is held back until the body comes."""
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
            raise RuntimeError("A header contains a line break.")
        self.transport.write(head if self.scope["method"] == "HEAD" else head + body)
        self._complete()

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
