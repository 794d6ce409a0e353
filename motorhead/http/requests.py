"""Requests and responses as the handlers see them: ASGI's messages, parsed lazily."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import httptools
import msgspec

from motorhead.exceptions import BadRequest, TooLarge
from motorhead.messages import Done

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]
T = TypeVar("T")

#: Parameters in one query, unknown ones included.
MOST_PARAMETERS = 50

JSON: Header = (b"content-type", b"application/json")
encode = msgspec.json.Encoder().encode


class Response(NamedTuple):
    """The response to a request."""

    status: int
    headers: list[Header]
    body: bytes


class ClientLeft(Exception):
    """The client closed the connection before its request was complete, and does not wait for an answer."""


def json_response(value: object, status: int = 200, headers: list[Header] | None = None) -> Response:
    """A response with ``value`` as JSON."""
    return Response(status, [JSON, *(headers or [])], encode(value))


OK = json_response(Done("Ok"))


class Request:
    """One request. ``path`` and ``query`` are undecoded, as are ``names``, the variable parts of the path."""

    __slots__ = ("_headers", "_parameters", "_receive", "header_lines", "method", "names", "path", "query")

    def __init__(self, method: str, path: bytes, query: bytes, headers: list[Header], receive: Receive) -> None:
        """``headers``: in the order sent, repeated ones included, with names in lower case."""
        self.method = method
        self.path = path
        self.query = query
        self.header_lines = headers
        self.names: list[bytes] = []
        self._receive = receive
        self._headers: dict[bytes, bytes] | None = None
        self._parameters: dict[str, str] | None = None

    def header(self, name: bytes) -> bytes:
        """The value of a header (``name`` in lower case); b"" if it was not sent."""
        return (self._headers or self.headers).get(name, b"")

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The headers by name, in lower case. The last one counts if a header was sent twice."""
        if self._headers is None:
            self._headers = dict(self.header_lines)
        return self._headers

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter; None if it was not sent."""
        if not self.query:
            return None
        if self._parameters is None:
            self._parameters = _parse_query(self.query)
        return self._parameters.get(name)

    async def json(self, decoder: msgspec.json.Decoder[T], limit: int) -> T:
        """The decoded body. Raises `BadRequest`: it is invalid; `TooLarge`: it exceeds ``limit`` bytes."""
        kind = self.header(b"content-type")
        if kind != JSON[1] and not _is_json(kind):
            raise BadRequest("The Content-Type must be application/json.")
        body = await self.body(limit)
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise BadRequest(f"The body is not valid for this call: {error}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not valid JSON: {error}.") from None
        except RecursionError:
            raise BadRequest("The body is nested too deeply.") from None

    async def body(self, limit: int) -> bytes:
        """The whole body. Raises `TooLarge`, as early as possible: it exceeds ``limit`` bytes."""
        length = self.header(b"content-length")
        if length and int(length) > limit:
            raise TooLarge(f"The body has {int(length)} bytes; at most {limit} are accepted.")
        message = await self._receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body") and message["type"] == "http.request":
            message = await self._receive()
            body += message.get("body", b"")
            if len(body) > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
        if message["type"] == "http.disconnect":
            raise ClientLeft
        return body


def _is_json(content_type: bytes) -> bool:
    kind = content_type.split(b";", 1)[0].strip().lower()
    return kind == JSON[1] or (kind.startswith(b"application/") and kind.endswith(b"+json"))


def size_of(text: str) -> int:
    """The number of bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def _parse_query(query: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise BadRequest(f"The query must be UTF-8, with at most {MOST_PARAMETERS} parameters.") from None
    return dict(reversed(pairs))


def split(url: bytes) -> tuple[bytes, bytes]:
    """The path and the query of the target of a request, both undecoded."""
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path or b"/", parsed.query or b""
