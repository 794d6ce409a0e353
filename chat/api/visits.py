"""Visits of another site's pages: a cookie with which they can open websockets, and its end.

Browsers send the site's own cookie only from pages of the same site. Others get a cookie of another name, so that it
cannot replace the visitor's own; it is kept apart for each site on whose pages it is used (``Partitioned``).
"""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse

from chat.api.v1.problems import problem
from chat.components import components
from chat.domain.exceptions import AccessDenied, ChatError
from chat.domain.sentences import Situation, sentence
from chat.web.addresses import network_of_request
from chat.web.cookies import frontend_visit_in, lifetime, new_visit, sign_visit, visit_in
from chat.web.handshake import origin_allowed
from chat.web.page_limit import page_limit
from chat.web.visitor import set_visit_cookie


async def visit(request: HttpRequest) -> HttpResponse:
    """POST: 204 with a cookie, unless there is one. DELETE: end the visit, or all with ``?everywhere=yes``.

    Only for the site's own pages and those of ``CHAT_ALLOWED_ORIGINS``. Errors are problem documents with 403, 429 or
    503, whose sentence is also their ``error``.
    """
    try:
        if not origin_allowed(cast(ASGIRequest, request).scope):
            raise AccessDenied("origin", 4403)
        return await (_end(request) if request.method == "DELETE" else _begin(request))
    except ChatError as error:
        return problem(error, Situation.LOOKING, error=sentence(error, Situation.LOOKING))


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
