"""Identifies visitors by an owner id in a signed cookie.

An owner id is a name, never a credential: only the signature with the site's key counts. Visitors have no Django
session, so neither pages nor websockets need a database query.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.signing import BadSignature, TimestampSigner
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from chat.domain.exceptions import AccessDenied
from chat.domain.session_ids import new_owner_id

#: The name of the cookie in earlier versions, which all sites on a host shared.
SHARED_COOKIE = "owner"

#: The close code of a page's websocket whose visitor has changed; like HTTP's 409.
OTHER_VISIT = 4409


class OwnedRequest(HttpRequest):
    """A request behind `OwnerMiddleware`. Assigning ``owner`` changes the response's cookie.

    ``known_owner`` is the owner in the request's cookie, None without a valid one.
    """

    owner: str
    known_owner: str | None


def sign_owner(owner: str) -> str:
    """The value of the owner cookie."""
    return TimestampSigner(salt="chat.owner").sign(owner)


def read_owner(cookie: str | None, max_age: timedelta | None = None) -> str | None:
    """The owner in ``cookie``; None if it is missing, tampered with, or older than ``max_age``."""
    if cookie is None:
        return None
    try:
        return TimestampSigner(salt="chat.owner").unsign(cookie, max_age=max_age or _visit_lifetime())
    except BadSignature:
        return None


def owner_in(cookies: Mapping[str, str]) -> str | None:
    """The owner in a browser's ``cookies``; None without a valid one.

    Without a cookie of today's name, one of earlier versions counts, but not by https, where names are those of the
    host alone.
    """
    if settings.CHAT_OWNER_COOKIE in cookies or settings.SESSION_COOKIE_SECURE:
        return read_owner(cookies.get(settings.CHAT_OWNER_COOKIE))
    return read_owner(cookies.get(SHARED_COOKIE))


def _visit_lifetime() -> timedelta:
    return timedelta(days=settings.CHAT_OWNER_DAYS)


class OwnerMiddleware:
    """Gives every request an ``owner``, kept in a cookie that later visits renew."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        owned = cast(OwnedRequest, request)
        owned.known_owner = owner_in(request.COOKIES)
        owned.owner = owned.known_owner or new_owner_id()
        if self._async:
            return self._answer(owned)
        return _with_cookie(owned, cast(HttpResponseBase, self.get_response(request)))

    async def _answer(self, request: OwnedRequest) -> HttpResponseBase:
        return _with_cookie(request, await cast(Awaitable[HttpResponseBase], self.get_response(request)))


def _with_cookie(request: OwnedRequest, response: HttpResponseBase) -> HttpResponseBase:
    # Not on every response: one in progress while its visitor signs out would bring back the old owner.
    recently = _visit_lifetime() / 100
    if read_owner(request.COOKIES.get(settings.CHAT_OWNER_COOKIE), recently) != request.owner:
        response.set_cookie(
            settings.CHAT_OWNER_COOKIE,
            sign_owner(request.owner),
            max_age=_visit_lifetime(),
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        patch_vary_headers(response, ["Cookie"])
    return response


@receiver(user_logged_out)
def _leave_sessions_behind(request: OwnedRequest | None = None, **_: object) -> None:
    """The next person at this browser must not see earlier sessions."""
    if request is not None:
        request.owner = new_owner_id()


def check_visit(shown: str | None, asked: str) -> None:
    """Raises `AccessDenied`: the page was loaded for another visitor, so its addresses now mean other sessions.

    A page may outlive its cookie. ``shown`` (what the page has, None if it did not say) and ``asked`` (what its request
    means now) are both owner ids or both memory ids. A forged value gains nothing.
    """
    if shown is not None and shown != asked:
        raise AccessDenied("other_visit", OTHER_VISIT)
