"""Reading the model's server-sent events, one read at a time: chunks in the same read are joined.

An event costs LangChain, the run log and the websocket the same, however short its text. A model writes events one by
one, but a slower reader finds several at once; joined, they cost as much as one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Any, Self

import aiohttp
import msgspec

from chat.domain.exceptions import ModelNotUnderstood, ModelStalled
from chat.model.chunks import Piece, piece_of
from chat.model.refusals import refusal
from chat.model.statuses import status_of

#: The last event of a stream, which is OpenAI's own and not JSON.
DONE = b"[DONE]"
#: Seconds for which the rest of a complete stream is awaited, behind its last event.
REST = 1.0
#: What may come before the first line, and does not belong to it: the mark of UTF-8.
MARK = b"\xef\xbb\xbf"
#: The beginnings of lines to be ignored: comments, and fields without a meaning here.
_OTHER_FIELDS = (b":", b"id:", b"retry:")
#: What an event raises that does not come from a chat model.
_UNREADABLE = (ValueError, RecursionError, TypeError, AttributeError, LookupError)


class Chunks:
    """The chunks of an answer in the form that `ChatOpenAI` reads: dicts, the same ones whichever server has sent them.

    To be read once, as an asynchronous context manager: leaving it before the end closes the connection, so that the
    model stops writing. After the end, the connection is kept for the next request.
    """

    def __init__(self, response: aiohttp.ClientResponse, *, azure: bool) -> None:
        self._response = response
        self._azure = azure
        self._decoder = JoiningDecoder()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._decoder.is_over:
            # The end of the body may come after that of the stream, and aiohttp then keeps the connection. Released
            # before, it would be closed.
            asyncio.get_running_loop().call_later(REST, self._response.release)
        else:
            self._response.release()

    async def __aiter__(self) -> AsyncGenerator[dict[str, Any]]:
        """The chunks. Raises `ModelError`: the server reports one, or what it sends is not an answer."""
        decoder = self._decoder
        async for read in self._response.content.iter_any():
            for piece in decoder.read(read):
                yield self._chunk(piece)
            if decoder.is_over:
                return
        for piece in decoder.end():
            yield self._chunk(piece)

    def _chunk(self, piece: Piece) -> dict[str, Any]:
        if piece.error:
            raise refusal(status_of(piece.error), piece.error, azure=self._azure)
        return piece.chunk()


class JoiningDecoder:
    """Decodes a stream of bytes to pieces. It keeps an incomplete line and the state of the stream.

    ``is_over``: the stream's last event was read.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._rest = b""
        self._mark = MARK  # until the first line is read
        self._kind = b""  # of the current event
        self._ended = False  # whether the stream has said that the answer is complete
        self._foreign = False  # whether there were lines that do not belong in a stream of events

    def read(self, read: bytes) -> Iterator[Piece]:
        """The pieces in the next bytes. Raises `ModelNotUnderstood` behind the pieces before an unreadable one."""
        *lines, self._rest = (self._rest + read).split(b"\n")
        if self._mark and lines:
            lines[0], self._mark = lines[0].removeprefix(self._mark), b""
        return joined(self._pieces(lines))

    def end(self) -> Iterator[Piece]:
        """What is left at the end of the stream.

        Raises `ModelStalled`, after it: the stream ended before the answer did; `ModelNotUnderstood`: it was not a
        stream of events.
        """
        yield from self._pieces([self._rest.removeprefix(self._mark)])
        if not self._ended:
            raise ModelNotUnderstood if self._foreign else ModelStalled(begun=False)

    def _pieces(self, lines: Iterable[bytes]) -> Iterator[Piece]:
        for line in lines:
            if line.startswith(b"data:"):  # OpenAI's events have one line each
                written = line[5:].strip()
                if written.startswith(DONE):
                    self._ended = self.is_over = True
                    return
                piece = _error(written) if self._kind == b"error" else _decoded(written)
                self._ended = self._ended or bool(piece.finish)
                yield piece
            elif line.startswith(b"event:"):
                self._kind = line[6:].strip()
            elif line.startswith((b"error:", b'{"error"')):  # of servers that leave the stream's form for an error
                yield _error(line.removeprefix(b"error:").strip())
            elif not (text := line.strip()):
                self._kind = b""
            elif not text.startswith(_OTHER_FIELDS):
                self._foreign = True


def joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces, with adjacent ones joined as far as they can be, and errors behind what came before them."""
    last: Piece | None = None
    while True:
        try:
            piece = next(pieces, None)
        except ModelNotUnderstood:
            if last is not None:
                yield last
            raise
        if piece is not None and last is not None and (both := last.joined(piece)) is not None:
            last = both
            continue
        if last is not None:
            yield last
        if piece is None:
            return
        last = piece


def _error(written: bytes) -> Piece:
    try:
        return Piece(error=written.decode() or "no reason given")
    except ValueError:
        raise ModelNotUnderstood from None


def _decoded(written: bytes) -> Piece:
    try:
        return piece_of(_loaded(written))
    except _UNREADABLE:
        raise ModelNotUnderstood from None


def _loaded(written: bytes) -> Any:
    try:
        return msgspec.json.decode(written)
    except msgspec.DecodeError:  # half a character, for instance, which is legal in JSON
        return json.loads(written.decode())
