"""The calls for monitoring, and the description of all calls."""

from __future__ import annotations

from collections.abc import Callable

from motorhead.http.requests import Request, Response, json_response
from motorhead.messages import Health, Now
from motorhead.metrics import Metrics
from motorhead.store.listing import now_ms
from redis_link.link import Link


class OperationCalls:
    """How the server is. ``describe`` makes the description of its protocol."""

    def __init__(self, link: Link, metrics: Metrics, describe: Callable[[], object]) -> None:
        self._link = link
        self._metrics = metrics
        self._describe = describe

    async def now(self, request: Request) -> Response:
        """The time, in milliseconds since 1970."""
        return json_response(Now(now_ms()))

    async def healthz(self, request: Request) -> Response:
        """That the process answers."""
        return json_response(Health("ok"))

    async def readyz(self, request: Request) -> Response:
        """That Redis answers, too."""
        await self._link.execute("PING")
        return json_response(Health("ready"))

    async def metrics(self, request: Request) -> Response:
        """What is counted, for Prometheus."""
        return Response(200, [(b"content-type", b"text/plain; version=0.0.4")], self._metrics.render())

    async def openapi(self, request: Request) -> Response:
        """The protocol, described: made for each request, because hardly any process is ever asked."""
        return json_response(self._describe())
