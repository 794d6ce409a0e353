"""The address that tells load balancers and supervisors whether a worker answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

PATH = "/healthz"

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponse]]


class HealthMiddleware:
    """Answers ``ok`` at ``/healthz``, whatever the request's Host: probes ask for a pod by its address.

    Other servers are not checked. Place it before every middleware that looks at the host or the scheme.
    """

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == PATH and request.method in {"GET", "HEAD"}:
            return HttpResponse("ok", content_type="text/plain")
        return await self.get_response(request)
