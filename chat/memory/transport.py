"""An httpx transport over aiohttp for requests to the memory server.

It takes half the CPU time of httpx's own transport, which also searches its whole pool for each request. A turn makes
two requests and hundreds of turns share a worker, so they spent most of their waiting there. The model's stream
already uses aiohttp.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

#: Seconds that a connection may be idle: less than servers allow, so that no request meets a closing connection.
IDLE = 4.0


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A transport for responses that are read as a whole. ``trust_env``: use the environment's proxy, if it names one.

    Its connections belong to the loop of the first request. Raises `httpx.TimeoutException`: the server did not answer
    in time; `httpx.TransportError`: the connection failed.
    """

    def __init__(self, *, trust_env: bool) -> None:
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        session = self._session or self._open(secure=request.url.scheme == "https")
        with _translated(request):
            async with session.request(
                request.method,
                _address(request.url),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                timeout=_time_out(request.extensions["timeout"]),
                allow_redirects=False,
            ) as response:
                body = await response.read()
        return httpx.Response(response.status, headers=response.raw_headers, content=body)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self, *, secure: bool) -> aiohttp.ClientSession:
        # The certificates that httpx trusts, since a machine may not have any of its own.
        context: ssl.SSLContext | bool = httpx.create_ssl_context() if secure else True
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE, ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=self._trust_env,
            auto_decompress=False,  # httpx does it
        )
        return self._session


def _address(url: httpx.URL) -> URL:
    """``url`` with its quoting unchanged: `..%2F..` is a session's name, not a path."""
    if url.userinfo:  # httpx has already put it into a header
        url = url.copy_with(userinfo=b"")
    return URL(str(url), encoded=True)


def _time_out(seconds: Mapping[str, float | None]) -> aiohttp.ClientTimeout:
    # `connect` also limits the name look-up.
    return aiohttp.ClientTimeout(connect=seconds["connect"], sock_connect=seconds["connect"], sock_read=seconds["read"])


@contextmanager
def _translated(request: httpx.Request) -> Iterator[None]:
    """Turn aiohttp's errors into httpx's."""
    try:
        yield
    except TimeoutError as error:
        raise httpx.TimeoutException("The server did not answer in time.", request=request) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.TransportError(str(error), request=request) from error
