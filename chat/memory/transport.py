"""Requests to the memory server over aiohttp's connections.

A turn makes two requests, and hundreds of turns share a worker: httpx's client would spend more CPU time on a request
than the rest of the memory client together, and its own transport twice that.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import aiohttp
import httpx
from yarl import URL

from chat.domain.hosts import proxy_to

#: Seconds that a connection may be idle: less than servers allow, so that no request meets a closing connection.
IDLE = 4.0
#: The most seconds for connecting, with the look-up of the host's name.
CONNECT_TIMEOUT = 2.0


class NoAnswer(Exception):
    """The server could not be reached, did not answer in time, or broke its answer off."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. The names of its ``headers`` may be looked up in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return 200 <= self.status < 300


class Transport(Protocol):
    """Sends requests to one server."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        patience: float | None = None,
    ) -> Answer:
        """The answer to a request. ``patience``: seconds of silence, if not as many as usual. Raises `NoAnswer`."""

    async def aclose(self) -> None:
        """Close the connections."""


class AiohttpTransport:
    """A `Transport` to the server at ``url``. ``patience``: usual seconds of its silence.

    Its connections belong to the loop of the first request.
    """

    def __init__(self, url: str, patience: float) -> None:
        address = URL(url)
        self._base = str(address.with_user(None)).rstrip("/")
        #: What a user and a password in the address are, in place of a token.
        self._own_headers = {}
        if address.user is not None:
            self._own_headers["Authorization"] = aiohttp.encode_basic_auth(address.user, address.password or "")
        self._is_secure = address.scheme == "https"
        self._proxy = proxy_to(address.scheme, address.host or "")
        self._time_out = _time_out(patience)
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        patience: float | None = None,
    ) -> Answer:
        """See `Transport`."""
        session = self._session or self._open()
        query = f"?{urlencode(params, quote_via=quote)}" if params else ""
        # Its quoting stays as it is: `..%2F..` is a session's name, not a path.
        address = URL(f"{self._base}{path}{query}", encoded=True)
        headers = {**(headers or {}), **self._own_headers}
        time_out = self._time_out if patience is None else _time_out(patience)
        try:
            async with session.request(
                method, address, headers=headers, data=content, allow_redirects=False, timeout=time_out
            ) as response:
                return Answer(response.status, response.headers, await response.read())
        except TimeoutError as error:
            raise NoAnswer("The server did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswer(str(error)) from error

    async def aclose(self) -> None:
        """See `Transport`."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # The certificates that httpx trusts, since a machine may not have any of its own.
        context: ssl.SSLContext | bool = httpx.create_ssl_context() if self._is_secure else True
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE, ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=self._proxy,
        )
        return self._session


def _time_out(seconds: float) -> aiohttp.ClientTimeout:
    connect = min(seconds, CONNECT_TIMEOUT)
    return aiohttp.ClientTimeout(connect=connect, sock_connect=connect, sock_read=seconds)
