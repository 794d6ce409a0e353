"""The address at which Prometheus reads the metrics."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chat.monitoring.monitoring import Monitoring, monitoring
from chat.web.loopback import is_from_this_machine
from chat.web.middleware import AsyncMiddleware, GetResponse
from telemetry.exposition import CONTENT_TYPE, exposition

PATH = "/metrics"
FOREIGN = "Metrics can be read on the site's own machine only. Set CHAT_METRICS_TOKEN to read them from another.\n"
PUBLIC = "Others reach this site, so its metrics need a token. Set CHAT_METRICS_TOKEN to read them.\n"
UNPROVEN = "Metrics need the token of CHAT_METRICS_TOKEN: send it as Authorization: Bearer and the token.\n"


class MetricsMiddleware(AsyncMiddleware):
    """Answers at ``/metrics``, whatever the request's Host: Prometheus asks for a pod by its address.

    With ``CHAT_METRICS_TOKEN``, everyone needs the token. Without one, nobody is answered where others reach the site,
    since a proxy need not say that it is one; elsewhere this machine's users are, and no proxy. Place it before every
    middleware that looks at the host or the scheme.
    """

    def __init__(self, get_response: GetResponse, shown: Callable[[], Monitoring] = monitoring) -> None:
        super().__init__(get_response)
        self._shown = shown

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.path_info != PATH:
            return await self.get_response(request)
        if settings.CHAT_METRICS_TOKEN:
            if not _has_token(request, settings.CHAT_METRICS_TOKEN):
                return _refused(HTTPStatus.UNAUTHORIZED, UNPROVEN, {"WWW-Authenticate": "Bearer"})
        elif not settings.CHAT_ON_LOOPBACK:
            return _refused(HTTPStatus.FORBIDDEN, PUBLIC, {})
        elif not is_from_this_machine(request):
            return _refused(HTTPStatus.FORBIDDEN, FOREIGN, {})
        found = exposition(await self._shown().gather())
        return HttpResponse(found, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _has_token(request: HttpRequest, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _refused(status: HTTPStatus, sentence: str, headers: dict[str, str]) -> HttpResponse:
    more = {"Cache-Control": "no-store", **headers}
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8", headers=more)
