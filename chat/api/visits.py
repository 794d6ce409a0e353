"""Visits of another site's pages: a cookie with which they can open websockets, and its end.

Browsers send the site's own cookie only from pages of the same site. Others get a cookie of another name, so that it
cannot replace the visitor's own; it is kept apart for each site on whose pages it is used (``Partitioned``).
"""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.components import components
from chat.domain.exceptions import AccessDenied, ChatError, RunLogUnreachable, TooManyPages
from chat.domain.sentences import Situation, sentence
from chat.web.addresses import network_of_request
from chat.web.cookies import frontend_visit_in, lifetime, new_visit, sign_visit, visit_in
from chat.web.handshake import origin_allowed
from chat.web.page_limit import page_limit
from chat.web.visitor import set_visit_cookie


@csrf_exempt  # the Origin is checked
@never_cache
@require_http_methods(["OPTIONS", "POST", "DELETE"])
async def visit(request: HttpRequest) -> HttpResponse:
    """POST: 204 with a cookie, unless there is one. DELETE: end the visit, or all with ``?everywhere=yes``.

    Only for the site's own pages and those of ``CHAT_ALLOWED_ORIGINS``. Errors are ``{"error"}`` with 403, 429 or 503.
    """
    try:
        if not origin_allowed(cast(ASGIRequest, request).scope):
            raise AccessDenied("origin", 4403)
        answer = await _answer(request)
    except ChatError as error:
        answer = JsonResponse({"error": sentence(error, Situation.LOOKING)}, status=_status(error))
        if isinstance(error, AccessDenied) and error.reason == "origin":
            return answer
    return _shared(answer, request.headers["Origin"])


async def _answer(request: HttpRequest) -> HttpResponse:
    match request.method:
        case "POST":
            return await _begin(request)
        case "DELETE":
            return await _end(request)
        case _:
            return HttpResponse(status=204)


async def _begin(request: HttpRequest) -> HttpResponse:
    visits, answer = components().grants.visits, HttpResponse(status=204)
    known = visit_in(request.COOKIES) or frontend_visit_in(request.COOKIES)  # the one that opens websockets
    if known and not await visits.is_over(known):
        return answer
    page_limit().take(None, network_of_request(request))
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in {"same-origin", "same-site"} or not (site or settings.SESSION_COOKIE_SECURE):
        set_visit_cookie(answer, sign_visit(new_visit()))
    elif settings.SESSION_COOKIE_SECURE:
        answer.headers["Set-Cookie"] = _cookie(sign_visit(new_visit()), int(lifetime().total_seconds()))
    else:
        raise AccessDenied("no_https")
    return answer


async def _end(request: HttpRequest) -> HttpResponse:
    visits, answer = components().grants.visits, HttpResponse(status=204)
    for known in filter(None, (visit_in(request.COOKIES), frontend_visit_in(request.COOKIES))):
        await (visits.end_all(known.owner) if request.GET.get("everywhere") == "yes" else visits.end(known))
    answer.delete_cookie(settings.CHAT_OWNER_COOKIE)
    if settings.SESSION_COOKIE_SECURE:
        answer.headers["Set-Cookie"] = _cookie("", 0)
    return answer


def _cookie(value: str, seconds: int) -> str:
    """Django's own ``set_cookie`` knows no ``Partitioned``."""
    flags = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
    return f"{settings.CHAT_FRONTEND_COOKIE}={value}; Max-Age={seconds}; {flags}"


def _shared(answer: HttpResponse, origin: str) -> HttpResponse:
    """``answer``, which pages of ``origin`` may read, and to which they may send cookies."""
    answer.headers["Access-Control-Allow-Origin"] = origin
    answer.headers["Access-Control-Allow-Credentials"] = "true"
    answer.headers["Access-Control-Allow-Methods"] = "POST, DELETE"
    answer.headers["Access-Control-Max-Age"] = "600"
    patch_vary_headers(answer, ["Origin", "Cookie"])
    return answer


def _status(error: ChatError) -> int:
    return 429 if isinstance(error, TooManyPages) else 503 if isinstance(error, RunLogUnreachable) else 403
