"""One request on a connection, and its response, which leaves in a single write."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

from motorhead.http.requests import Request, Response, encode
from motorhead.messages import Error

logger = logging.getLogger(__name__)

#: Gives the response to a request; None if its client has left.
Respond = Callable[[Request], Awaitable[Response | None]]

STATUS_LINE = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}
#: The end of an answer after which the connection is closed.
CLOSE = b"connection: close\r\n"


class Cycle:
    """One request and its response.

    ``arrived``: the body is here completely. ``complete``: the response is written. ``gone``: the client has left.
    ``keep_alive``: the connection stays open afterwards. ``expects``: the client waits for leave to send the body.
    """

    __slots__ = (
        "_body", "_flow", "_on_complete", "_transport", "_waiter",
        "arrived", "complete", "expects", "gone", "keep_alive", "request",
    )  # fmt: skip

    request: Request

    def __init__(
        self,
        transport: asyncio.Transport,
        flow: FlowControl,
        on_complete: Callable[[], None],
        *,
        keep_alive: bool,
        expects: bool,
    ) -> None:
        self._transport = transport
        self._flow = flow
        self._on_complete = on_complete
        self._body = b""
        self._waiter: asyncio.Future[None] | None = None
        self.arrived = self.complete = self.gone = False
        self.keep_alive = keep_alive
        self.expects = expects

    async def run(self, respond: Respond) -> None:
        """Answer the request. This is the top of the task: no error leaves it."""
        try:
            response = await respond(self.request)
            if self._flow.write_paused:
                await self._flow.drain()
            if response is not None and not self.gone:
                self._write(response)
        except Exception:
            logger.exception("A response could not be sent.")
            self._transport.close()

    async def receive(self) -> MutableMapping[str, Any]:
        """ASGI: the next part of the body, as soon as there is one."""
        if self.expects and not self._transport.is_closing():
            self.expects = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not (self._body or self.arrived or self.gone):
            self._flow.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self.gone:
            return {"type": "http.disconnect"}
        body, self._body = self._body, b""
        return {"type": "http.request", "body": body, "more_body": not self.arrived}

    def add(self, body: bytes) -> int:
        """Add a part of the body that has arrived. Returns the size of what was not received yet."""
        self._body = self._body + body if self._body else body
        self._wake()
        return len(self._body)

    def end(self) -> None:
        """Note that the whole body has arrived."""
        self.arrived = True
        self._wake()

    def leave(self) -> None:
        """Note that the client has left."""
        self.gone = True
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _write(self, response: Response) -> None:
        status, headers, body = response
        lines = [STATUS_LINE[status], *[b"%b: %b\r\n" % header for header in headers]]
        if status != 304:  # which has no body, and the length of an empty one would be wrong
            lines.append(b"content-length: %d\r\n" % len(body))
        if not self.keep_alive:
            lines.append(CLOSE)
        head = b"".join(lines)
        if head.count(b"\n") != len(lines):
            raise RuntimeError("A header contains a line break.")
        self.expects, self.complete = False, True
        self._transport.write(b"%b\r\n%b" % (head, b"" if self.request.method == "HEAD" else body))
        if not self.keep_alive:
            self._transport.close()
        self._on_complete()


def last_words(status: int, sentence: str) -> bytes:
    """An answer with the error ``sentence``, after which the connection is closed."""
    body = encode(Error(sentence))
    head = b"content-type: application/json\r\ncontent-length: %d\r\n%b\r\n" % (len(body), CLOSE)
    return STATUS_LINE[status] + head + body
