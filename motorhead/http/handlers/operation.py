"""The calls for monitoring, and the protocol's description."""

from __future__ import annotations

from collections.abc import Callable

from motorhead.http.requests import OK, Request, Response, json_response
from motorhead.messages import Health, Now
from motorhead.metrics import Metrics
from motorhead.store.listing import now_ms
from redis_link.link import Link


class OperationCalls:
    """Reports the state of the server. ``describe`` returns the description of its protocol."""

    def __init__(self, link: Link, metrics: Metrics, describe: Callable[[], object]) -> None:
        self._link = link
        self._metrics = metrics
        self._describe = describe

    async def now(self, request: Request) -> Response:
        """The time, in milliseconds since 1970."""
        return json_response(Now(now_ms()))

    async def healthz(self, request: Request) -> Response:
        """200, as long as the process is alive."""
        return json_response(Health("ok"))

    async def readyz(self, request: Request) -> Response:
        """200, if Redis answers."""
        await self._link.execute("PING")
        return json_response(Health("ready"))

    async def key(self, request: Request) -> Response:
        """200: the request was admitted. n8n tests its credentials with this call of the hosted service."""
        return OK

    async def metrics(self, request: Request) -> Response:
        """The metrics of all processes behind the port, in the text format of Prometheus."""
        return Response(200, [(b"content-type", b"text/plain; version=0.0.4")], await self._metrics.shown())

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI description, made for each request, because requests for it are rare."""
        return json_response(self._describe())
