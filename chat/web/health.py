"""The addresses that tell load balancers and supervisors whether a worker lives, and whether it can serve turns."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from chat.web.middleware import AsyncMiddleware, GetResponse
from chat.web.readiness import ReadinessCheck

ALIVE, READY = "/healthz", "/readyz"


class HealthMiddleware(AsyncMiddleware):
    """Answers at ``/healthz`` and ``/readyz``, whatever the request's Host: probes ask for a pod by its address.

    ``/healthz`` says ``ok`` and checks nothing else; ``/readyz`` has the state of each part, with status 503 unless
    turns can be served. Place it before every middleware that looks at the host or the scheme.
    """

    def __init__(self, get_response: GetResponse, check: ReadinessCheck | None = None) -> None:
        super().__init__(get_response)
        self._check = check or ReadinessCheck()

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.path_info not in {ALIVE, READY}:
            return await self.get_response(request)
        if request.path_info == ALIVE:
            return HttpResponse("ok", content_type="text/plain")
        found = await self._check.look()
        status = HTTPStatus.OK if found.status == "ready" else HTTPStatus.SERVICE_UNAVAILABLE
        return JsonResponse(found.shown(), status=status, headers={"Cache-Control": "no-store"})
