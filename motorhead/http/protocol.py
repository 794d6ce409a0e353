"""uvicorn's HTTP connection, with an end to waiting for a request and with errors as this protocol spells them.

What uvicorn answers by itself, before any request is there, comes from here: 400 to what is no HTTP, 408 to a
request that does not arrive, 431 to a head without end. One that comes in one piece, as nearly all do, costs no timer.
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


#: Bytes of a request before its body, by and large: what is read at once counts as a whole.
LARGEST_HEAD = 1024 * 1024


class Connection(HttpToolsProtocol):
    """A client's connection. A request must be there, to its last byte, ``seconds`` after its first."""

    seconds = 30.0
    refused: Callable[[int], None] = staticmethod(lambda status: None)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._arriving = False
        self._head = 0
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """asyncio: a client is there. One that never says anything is let go like one that says nothing more."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the client is gone."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._cancel_timer()

    def data_received(self, data: bytes) -> None:
        """asyncio: a part of a request came, or all of it, or several."""
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
        """Feed the parser; where it stops for a change of protocol, go on: that is the server's to decline."""
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
        """Whether the head that was parsed asks for a change of protocol that can be ignored (RFC 9110, 7.8)."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _head_without_offer(self) -> bytes:
        """The head that was parsed, to be parsed again: for the parser what follows an offer is no HTTP any more."""
        first = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"".join([first, *kept, b"\r\n"])

    def on_headers_complete(self) -> None:
        """The parser: the head of a request was there. One with an offer comes again without it."""
        if not self._offers_another_protocol():
            super().on_headers_complete()
            self.cycle.__class__ = Cycle  # uvicorn has no seam for it; its task begins later
            self.headers = []  # of its own from now on: what comes after the body is no header of the request

    def _watch_arrival(self, size: int) -> None:
        """A request is there in part: see to it that it neither takes too long nor has a head without end."""
        if self.transport.is_closing():
            return
        if self._timer is None:
            self._start_timer()
        if not self._is_mine(self.cycle):
            self._head += size
            if self._head > LARGEST_HEAD:
                self._refuse(431, "The head of the request is too large.")

    def on_message_begin(self) -> None:
        """The parser: the first byte of a request was there."""
        self._arriving = True
        self._head = 0
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser: so was its last byte."""
        if self._offers_another_protocol():
            return
        self._arriving = False
        self._cancel_timer()  # another request may begin in the same piece
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """uvicorn: a request was answered. The next one, if it was held back till now, gets its whole time."""
        super().on_response_complete()
        if self._timer is not None:
            self._cancel_timer()
            self._start_timer()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and close the connection."""
        self._refuse(400, "This is no valid HTTP request.")

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
            self._start_timer()  # it was held back itself
        elif self._is_mine(self.cycle) and self.cycle.response_started:
            self.transport.close()  # it was answered before it was complete
        else:
            self._refuse(408, f"The request was not complete after {self.seconds:g} s; send it again.")

    def _answers_another(self) -> bool:
        """Whether an earlier request on this connection still waits for its answer."""
        cycle = self.cycle
        return bool(self.pipeline) or (cycle is not None and not self._is_mine(cycle) and not cycle.response_complete)

    def _is_mine(self, cycle: RequestResponseCycle | None) -> bool:
        """Whether ``cycle`` answers the request that is arriving."""
        return cycle is not None and cycle.scope is self.scope

    def _refuse(self, status: int, sentence: str) -> None:
        self.refused(status)
        body = encode(Error(sentence))
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()


def connection_class(seconds: float, refused: Callable[[int], None]) -> type[Connection]:
    """The connections of a server on which a request has so many seconds to arrive.

    ``refused`` hears the status of each refusal of what was no request.
    """
    return type("Connection", (Connection,), {"seconds": seconds, "refused": staticmethod(refused)})
