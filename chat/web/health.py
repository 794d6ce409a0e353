"""The address that tells load balancers and supervisors whether a worker answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from chat.web.middleware import AsyncMiddleware

PATH = "/healthz"


class HealthMiddleware(AsyncMiddleware):
    """Answers ``ok`` at ``/healthz``, whatever the request's Host: probes ask for a pod by its address.

    Other servers are not checked. Place it before every middleware that looks at the host or the scheme.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == PATH and request.method in {"GET", "HEAD"}:
            return HttpResponse("ok", content_type="text/plain")
        return await self.get_response(request)
