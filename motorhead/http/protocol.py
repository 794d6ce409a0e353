"""uvicorn's HTTP connection, with a time limit for each request and with errors in this protocol's JSON.

Answers that precede any request come from here: 400 to invalid HTTP, 408 to a request that does not arrive in time,
431 to an oversized head. A request that arrives in one piece, as nearly all do, needs no timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from motorhead.http.cycle import Cycle
from motorhead.http.requests import encode
from motorhead.messages import Error

if TYPE_CHECKING:
    from asyncio import TimerHandle


#: Bytes of a request before its body, approximately: each piece of data is counted as a whole.
LARGEST_HEAD = 1024 * 1024


class Connection(HttpToolsProtocol):
    """A client's connection. A request must arrive completely within ``seconds`` of its first byte."""

    seconds = 30.0
    refused: Callable[[int], None] = staticmethod(lambda status: None)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._arriving = False
        self._head = 0
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """asyncio: a client has connected. The keep-alive time-out applies before its first request, too."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is closed."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._cancel_timer()

    def data_received(self, data: bytes) -> None:
        """asyncio: part of a request, a whole one or several have arrived."""
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self.send_400_response("")
        if self._arriving:
            self._watch_arrival(len(data))
        elif self._timer is not None:
            self._cancel_timer()

    def _parse(self, data: bytes) -> None:
        """Feed the parser. Where it stops for an offered change of protocol, decline the offer and go on."""
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offered:
                if not self._offers_another_protocol():
                    return
                data = self._head_without_offer() + data[offered.args[0] :]
            else:
                return

    def _offers_another_protocol(self) -> bool:
        """Whether the parsed head offers a change of protocol, which a server may ignore (RFC 9110, 7.8)."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _head_without_offer(self) -> bytes:
        """The parsed head without the offer, to be parsed again: after an offer the parser stops reading HTTP."""
        first = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"".join([first, *kept, b"\r\n"])

    def on_headers_complete(self) -> None:
        """The parser: the head of a request is complete. A head with an offer is parsed again without it."""
        if not self._offers_another_protocol():
            super().on_headers_complete()
            self.cycle.__class__ = Cycle  # uvicorn has no option for it; the cycle's task has not started yet
            self.headers = []  # a new list, so that trailers do not become headers of the request

    def _watch_arrival(self, size: int) -> None:
        """Limit the time of a request that has arrived in part, and the size of its head."""
        if self.transport.is_closing():
            return
        if self._timer is None:
            self._start_timer()
        if not self._is_mine(self.cycle):
            self._head += size
            if self._head > LARGEST_HEAD:
                self._refuse(431, "The head of the request is too large.")

    def on_message_begin(self) -> None:
        """The parser: a request begins."""
        self._arriving = True
        self._head = 0
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser: the request is complete."""
        if self._offers_another_protocol():
            return
        self._arriving = False
        self._cancel_timer()  # another request may begin in the same piece of data
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """uvicorn: a request has been answered. A next one that was held back gets its full time from now on."""
        super().on_response_complete()
        if self._timer is not None:
            self._cancel_timer()
            self._start_timer()

    def send_400_response(self, msg: str) -> None:
        """Answer invalid HTTP, and close the connection."""
        self._refuse(400, "This is not a valid HTTP request.")

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.seconds, self._timed_out)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _timed_out(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._answers_another():
            self._start_timer()  # the request was held back by this server
        elif self._is_mine(self.cycle) and self.cycle.response_started:
            self.transport.close()  # answered before it was complete: no second answer
        else:
            self._refuse(408, f"The request was not complete after {self.seconds:g} s; send it again.")

    def _answers_another(self) -> bool:
        """Whether an earlier request on this connection is still being answered."""
        cycle = self.cycle
        return bool(self.pipeline) or (cycle is not None and not self._is_mine(cycle) and not cycle.response_complete)

    def _is_mine(self, cycle: RequestResponseCycle | None) -> bool:
        """Whether ``cycle`` belongs to the request that is arriving."""
        return cycle is not None and cycle.scope is self.scope

    def _refuse(self, status: int, sentence: str) -> None:
        self.refused(status)
        body = encode(Error(sentence))
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


def connection_class(seconds: float, refused: Callable[[int], None]) -> type[Connection]:
    """A class of connections on which each request has ``seconds`` to arrive.

    ``refused`` is called with the status of each answer given before there was a request.
    """
    return type("Connection", (Connection,), {"seconds": seconds, "refused": staticmethod(refused)})
