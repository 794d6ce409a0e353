"""Identifies visitors by the owner in their cookie, unless they have signed out with it.

Visitors have no Django session, so neither pages nor websockets need a database query.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import cast

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from chat.components import components
from chat.domain.exceptions import AccessDenied, RunLogUnreachable
from chat.domain.sentences import Situation
from chat.grants.credentials import Visit
from chat.web.addresses import network_of_request
from chat.web.asker import name_asker
from chat.web.cookies import lifetime, new_visit, new_visit_id, sign_visit, visit_in
from chat.web.middleware import AsyncMiddleware
from chat.web.programs import program_paths
from chat.web.wording import worded

logger = logging.getLogger(__name__)

#: The close code of a page's websocket whose visitor has changed; like HTTP's 409.
OTHER_VISIT = 4409


class OwnedRequest(HttpRequest):
    """A request behind `OwnerMiddleware`. ``known_visit`` is that of its cookie, None without a valid one."""

    known_visit: Visit | None
    visit: Visit
    owner: str


def begin_visit(request: HttpRequest, visit: Visit) -> None:
    """Make ``visit`` that of the request. The one before it ends, and the response has the cookie."""
    owned = cast(OwnedRequest, request)
    owned.visit, owned.owner = visit, visit.owner


class OwnerMiddleware(AsyncMiddleware):
    """Gives every request a ``visit`` and its ``owner``, kept in a cookie that later requests renew.

    In the admin a visit is not checked, so that staff who are signed in can work while Redis is away. Programs get no
    cookies from the API, nor do those who read a shared session.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        checked = not request.path.startswith(_unvisited())
        visit = visit_in(request.COOKIES)
        # Signed before it is known whether the visit is over: if it ends meanwhile, this cookie ends with it.
        renewed = _renewed(request, visit) if visit and checked else None
        try:
            known = None if visit and checked and await components().grants.visits.is_over(visit) else visit
        except RunLogUnreachable as error:
            said = worded(error, Situation.LOOKING)
            return render(request, "chat/sentence.html", {"sentence": said}, status=503)
        first = known or new_visit()
        cast(OwnedRequest, request).known_visit = known
        begin_visit(request, first)
        name_asker(known.owner if known else None, network_of_request(request))
        response = await self.get_response(request)
        last = cast(OwnedRequest, request).visit
        if last != first:
            await _leave(first)
            set_visit_cookie(response, sign_visit(last))
        elif checked and not _is_late(request, visit, known) and (cookie := renewed if known else sign_visit(first)):
            set_visit_cookie(response, cookie)
        return response


def _unvisited() -> tuple[str, ...]:
    """The beginnings of the paths that belong to no visit."""
    return reverse("admin:index"), f"{reverse('chat:home')}shared/", *program_paths()


def _is_late(request: HttpRequest, visit: Visit | None, known: Visit | None) -> bool:
    """Whether the request is that of a script whose page outlives its visit.

    Its cookie may arrive behind that of a visit which the browser has begun meanwhile by signing in.
    """
    return visit is not None and known is None and "Page-Owner" in request.headers


def _renewed(request: HttpRequest, visit: Visit) -> str | None:
    """A new cookie for the visit; None for a recent one."""
    aged = time.time() - visit.since > lifetime().total_seconds() / 100
    if aged or not visit.id or settings.CHAT_OWNER_COOKIE not in request.COOKIES:
        return sign_visit(visit if visit.id else replace(visit, id=new_visit_id()))
    return None


async def _leave(visit: Visit) -> None:
    try:
        await components().grants.visits.end(visit)
    except RunLogUnreachable:  # the browser forgets the cookie all the same
        logger.warning("A visit was left, but its cookie was not ended: Redis did not answer.")


def set_visit_cookie(response: HttpResponse, value: str) -> None:
    """Set the visitor's cookie, which browsers send from pages of the same site alone."""
    response.set_cookie(
        settings.CHAT_OWNER_COOKIE,
        value,
        max_age=lifetime(),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    patch_vary_headers(response, ["Cookie"])


@receiver(user_logged_out)
def _leave_sessions_behind(request: HttpRequest | None = None, **_: object) -> None:
    """The next person at this browser must not see earlier sessions."""
    if request is not None:
        begin_visit(request, new_visit())


def check_visit(shown: str | None, asked: str) -> None:
    """Raises `AccessDenied`: the page was loaded for another visitor, so its addresses now mean other sessions.

    A page may outlive its cookie. ``shown`` (what the page has, None if it did not say) and ``asked`` (what its request
    means now) are both owner ids or both memory ids. A forged value gains nothing.
    """
    if shown is not None and shown != asked:
        raise AccessDenied("other_visit", OTHER_VISIT)
