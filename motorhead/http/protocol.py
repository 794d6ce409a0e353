"""An HTTP connection for uvicorn's server, with a time limit for each request and with errors in this protocol's JSON.

uvicorn's own would take 8 µs more a request: for an ASGI scope, for two messages an answer that is whole, and for a
timer between two requests (docs/memory-server.md).

Answers that precede any request come from here: 400 to invalid HTTP, 408 to a request that does not arrive in time,
431 to an oversized head, 505 to another version. They wait for those to earlier requests, and are the last. A request
that arrives in one piece, as nearly all do, needs no timer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl

from motorhead.http.cycle import Cycle, Respond, last_words
from motorhead.http.requests import Header, Request, split
from motorhead.http.unread import Unread

if TYPE_CHECKING:
    from asyncio import TimerHandle

    import uvicorn
    from uvicorn.server import ServerState

#: Bytes of a request besides its body, approximately: each piece of data is counted as a whole.
LARGEST_HEAD = 1024 * 1024


class Connection(asyncio.Protocol):
    """A client's connection. A request must arrive completely within ``seconds`` of its first byte."""

    respond: Respond
    seconds = 30.0
    refused: Callable[[int], None] = staticmethod(lambda status: None)

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], _loop: object = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._connections = server_state.connections
        self._tasks = server_state.tasks
        self._parser = _parser(self)
        self._idle_seconds = config.timeout_keep_alive
        self._idle_since = 0.0
        self._idle_timer: TimerHandle | None = None
        self._timer: TimerHandle | None = None
        self._arriving = False
        self._offers = False
        self._head = 0
        #: The newest request whose head is complete, and that of the request that is arriving, once its head is.
        self._newest: Cycle | None = None
        self._mine: Cycle | None = None
        #: Requests that wait for the answers to earlier ones.
        self._line: deque[Cycle] = deque()
        #: The status and the sentence that follow the answers to all of them.
        self._refusal: tuple[int, str] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: a client has connected. The keep-alive time-out applies before its first request, too."""
        self._connections.add(self)  # type: ignore[arg-type] # uvicorn only shuts them down
        self.transport: asyncio.Transport = transport  # type: ignore[assignment] # uvloop's does not inherit from it
        self._flow = FlowControl(self.transport)
        self._unread = Unread(self.transport, self.seconds)
        self._idle_since = self._loop.time()
        self._idle_timer = self._loop.call_later(self._idle_seconds, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is closed."""
        self._connections.discard(self)
        for cycle in (self._newest, *self._line):
            if cycle is not None:
                cycle.leave()
        self._line.clear()
        self._flow.resume_writing()
        self._unread.end()
        self._cancel_timer()
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    def pause_writing(self) -> None:
        """asyncio: the client does not take what is written."""
        self._flow.pause_writing()
        self._unread.watch()

    def resume_writing(self) -> None:
        """asyncio: the client has taken most of it."""
        self._flow.resume_writing()
        self._unread.end()

    def eof_received(self) -> bool:
        """asyncio: the client sends no more. Returns whether it still gets an answer; the last one closes."""
        if self._arriving:
            self._refuse(400, "The request ended before it was complete.")
        elif self._newest is None or self._newest.complete:
            return False
        self._newest_is_last()
        return True

    def shutdown(self) -> None:
        """uvicorn: the server is being stopped. The connection is closed after the answer under way."""
        if self._newest is None or self._newest.complete:
            self.transport.close()
        else:
            self._newest_is_last()

    def _newest_is_last(self) -> None:
        """Close the connection after the answer to the newest request, unless a refusal follows it."""
        if self._newest is not None and self._refusal is None:
            self._newest.keep_alive = False

    def data_received(self, data: bytes) -> None:
        """asyncio: part of a request, a whole one or several have arrived."""
        if self._refusal is not None:
            return
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse(400, "This is not a valid HTTP request.")
        if self._arriving:
            self._watch_arrival(len(data))
        elif self._timer is not None:
            self._cancel_timer()

    def _parse(self, data: bytes) -> None:
        """Feed the parser. Where it stops for an offered change of protocol, decline the offer and go on."""
        while True:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as offered:
                if not self._offers:
                    return
                data = self._head_without_offer() + data[offered.args[0] :]
            else:
                return

    def _head_without_offer(self) -> bytes:
        """The parsed head without the offer, to be parsed again: after an offer the parser stops reading HTTP."""
        parser = self._parser
        first = b"%b %b HTTP/%b\r\n" % (parser.get_method(), self._url, parser.get_http_version().encode())
        kept = [b"%b: %b\r\n" % header for header in self._headers if header[0] != b"upgrade"]
        self._parser = _parser(self)
        return b"".join([first, *kept, b"\r\n"])

    def on_message_begin(self) -> None:
        """The parser: a request begins."""
        self._arriving, self._offers, self._expects = True, False, False
        self._head, self._mine = 0, None
        self._url = b""
        self._headers: list[Header] = []

    def on_url(self, url: bytes) -> None:
        """The parser: a part of the address."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser: a header, or a trailer, which is ignored."""
        if self._mine is not None:
            return
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The parser: the head of a request is complete. A head with an offer is parsed again without it."""
        parser, method = self._parser, self._parser.get_method()
        if parser.should_upgrade() and method != b"CONNECT":  # a server may ignore the offer (RFC 9110, 7.8)
            self._offers = True
            return
        if (version := parser.get_http_version()) not in ("1.1", "1.0"):
            self._refuse(505, "The memory server speaks HTTP/1.1.")
            raise ValueError(version)  # which ends the parsing
        lasts, expects = parser.should_keep_alive() and version == "1.1", self._expects and version == "1.1"
        cycle = Cycle(self.transport, self._flow, self._on_complete, keep_alive=lasts, expects=expects)
        cycle.request = Request(method.decode(), *split(self._url), self._headers, cycle.receive)
        before, self._newest, self._mine = self._newest, cycle, cycle
        if before is None or before.complete:
            self._start(cycle)
        else:
            self._flow.pause_reading()
            self._line.append(cycle)

    def on_body(self, body: bytes) -> None:
        """The parser: a part of the body."""
        self._head -= len(body)
        if self._mine is not None and not self._mine.complete and self._mine.add(body) > HIGH_WATER_LIMIT:
            self._flow.pause_reading()

    def on_message_complete(self) -> None:
        """The parser: the request is complete."""
        if self._offers:
            return
        self._arriving = False
        self._cancel_timer()  # another request may begin in the same piece of data
        if self._mine is not None:
            self._mine.end()
            self._mine = None

    def _start(self, cycle: Cycle) -> None:
        task = self._loop.create_task(cycle.run(self.respond))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_complete(self) -> None:
        """A request has been answered. A next one that was held back gets its full time from now on."""
        if self.transport.is_closing():
            return
        self._idle_since = self._loop.time()
        if self._refusal is not None and (not self._line or self._line[0] is self._mine):
            self._write_refusal(*self._refusal)
        elif self._line:
            self._start(self._line.popleft())
        else:
            self._flow.resume_reading()
        if self._timer is not None:
            self._cancel_timer()
            self._start_timer()

    def _close_if_idle(self) -> None:
        """Close the connection if it has been idle for long enough, or look again when it may have been."""
        left: float = self._idle_seconds
        if not self._arriving and (self._newest is None or self._newest.complete):
            left -= self._loop.time() - self._idle_since
        if left > 0:
            self._idle_timer = self._loop.call_later(left, self._close_if_idle)
        else:
            self.transport.close()
            self._unread.watch()

    def _watch_arrival(self, size: int) -> None:
        """Limit the time of a request that has arrived in part, and the size of its head."""
        if self.transport.is_closing() or self._refusal is not None:
            return
        if self._timer is None:
            self._start_timer()
        self._head += size
        if self._head > LARGEST_HEAD:
            self._refuse(431, "The head of the request is too large.")

    def _start_timer(self) -> None:
        self._timer = self._loop.call_later(self.seconds, self._timed_out)

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
        else:
            self._refuse(408, f"The request was not complete after {self.seconds:g} s; send it again.")

    def _answers_another(self) -> bool:
        """Whether an earlier request on this connection is still being answered."""
        newest = self._newest
        return bool(self._line) or (newest is not None and newest is not self._mine and not newest.complete)

    def _refuse(self, status: int, sentence: str) -> None:
        """Read no more, and answer ``sentence`` behind the answers to earlier requests. Only the first call counts."""
        if self._refusal is None:
            self._refusal = status, sentence
            self._cancel_timer()
            self._flow.pause_reading()
            if not self._answers_another():
                self._write_refusal(status, sentence)

    def _write_refusal(self, status: int, sentence: str) -> None:
        if self._mine is not None and self._mine.complete:
            self.transport.close()  # answered before it was complete: no second answer
            return
        self.refused(status)
        self.transport.write(last_words(status, sentence))
        self.transport.close()


def _parser(connection: Connection) -> httptools.HttpRequestParser:
    parser = httptools.HttpRequestParser(connection)
    # A request may follow one with `Connection: close`; it is ignored rather than an error.
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


def connection_class(respond: Respond, seconds: float, refused: Callable[[int], None]) -> type[Connection]:
    """A class of connections whose requests ``respond`` answers, and on which each has ``seconds`` to arrive.

    ``refused`` is called with the status of each answer given before there was a request.
    """
    options = {"respond": staticmethod(respond), "seconds": seconds, "refused": staticmethod(refused)}
    return type("Connection", (Connection,), options)
