"""The ASGI application: finds the handler of each request and sends its response, or a sentence about the error."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from motorhead.exceptions import (
    MethodNotAllowed,
    ModelBusy,
    ModelError,
    NotFound,
    Overloaded,
    RequestError,
    Stopped,
)
from motorhead.http.admission import Admission
from motorhead.http.requests import ClientLeft, Receive, Request, Response, Scope, Send, json_response
from motorhead.http.routes import OPEN, Handler, split
from motorhead.http.shutdown import STOPPED, Stopping
from motorhead.messages import Error
from motorhead.store.redis_errors import code_of, for_client
from redis_link.exceptions import StoreError
from telemetry.metrics import Counter

logger = logging.getLogger(__name__)


class Application:
    """The memory server as an ASGI application.

    ``handlers``: by path pattern, then method. ``requests`` counts requests by call and status. ``start`` and ``stop``
    run with the lifespan. ``admit`` checks the requests to all calls but the open ones (`motorhead.http.routes.OPEN`).
    """

    def __init__(
        self,
        handlers: Mapping[bytes, Mapping[str, Handler]],
        requests: Counter,
        stopping: Stopping,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]],
        admit: Admission,
    ) -> None:
        self._handlers = handlers
        self._requests = requests
        self.stopping = stopping
        self._admit = admit
        self._labels: dict[tuple[str, bytes], str] = {}
        self._start = start
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], receive)
        response = await self.respond(request)
        if response is None:
            return
        length = [] if response.status == 304 else [(b"content-length", b"%d" % len(response.body))]
        headers = [*response.headers, *length]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def respond(self, request: Request) -> Response | None:
        """The response to a request, which is counted; None if the client has left. The length of the body is missing.

        This server's own connections call it directly, without the detour of ASGI.
        """
        pattern, request.names = split(request.path)
        try:
            response = await self._answer(pattern, request)
        except ClientLeft:
            return None
        self._requests.add(1, self._call(request.method, pattern), str(response.status))
        return response

    async def _answer(self, pattern: bytes, request: Request) -> Response:
        """The response to a request. Every error becomes a response here.

        Cancellation does so only while the process is being stopped.
        """
        try:
            if pattern not in OPEN:
                self._admit(request)
            return await self._find(pattern, request)(request)
        except RequestError as error:
            return failure(error.status, str(error), *error.headers, code=error.code)
        except StoreError as error:
            return failure(503, for_client(error), (b"retry-after", b"1"), code=code_of(error))
        except Stopped as error:
            return failure(503, str(error), (b"retry-after", b"1"))
        except asyncio.CancelledError:
            if not self.stopping.begun:
                raise
            return failure(503, STOPPED, (b"retry-after", b"1"))
        except (ModelError, Overloaded) as error:
            return failure(503, str(error), (b"retry-after", b"%d" % _seconds(error)))
        except ClientLeft:
            raise
        except Exception:
            logger.exception("A request failed unexpectedly.")
            return failure(500, "The memory server failed on this request; its log says why.")

    def _find(self, pattern: bytes, request: Request) -> Handler:
        """The handler of a request whose path has this pattern. Raises `NotFound` or `MethodNotAllowed`."""
        methods = self._handlers.get(pattern)
        if methods is None or b"" in request.names:
            raise NotFound("There is nothing at this path.")
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise MethodNotAllowed(request.method, [*methods, *(["HEAD"] if "GET" in methods else [])])
        return handler

    def _call(self, method: str, pattern: bytes) -> str:
        """The label under which a request is counted: its method and the pattern of its path."""
        if pattern not in self._handlers:
            return "any unknown path"
        label = self._labels.get((method, pattern))
        if label is None:
            label = self._labels[method, pattern] = f"{method} {pattern.decode()}"
        return label

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})


def _seconds(error: ModelError | Overloaded) -> int:
    """The seconds after which to ask again: what a busy model says, or else 5."""
    asked = error.seconds if isinstance(error, ModelBusy) else None
    return 5 if asked is None else max(1, math.ceil(asked))


def failure(status: int, sentence: str, *headers: tuple[bytes, bytes], code: str | None = None) -> Response:
    """An error response: ``sentence``, perhaps with a ``code``, in the protocol's JSON."""
    return json_response(Error(sentence, code or msgspec.UNSET), status, list(headers))
