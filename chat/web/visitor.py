"""Who speaks: the owner's id, from a visitor's signed cookie, a bearer token, or a one-minute ticket.

An owner id is a name, never a credential: only what is signed with the site's key counts. Visitors have no
Django session, so a page or a websocket costs no look-up in a database.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qs, urlsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase, parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.cache import patch_vary_headers

from chat.domain.exceptions import AccessDenied
from chat.domain.session_ids import new_owner_id

OWNER_COOKIE = "owner"
TICKET_LIFETIME = timedelta(minutes=1)
BEARER_SUBPROTOCOL = "bearer."

#: An ASGI scope, as Channels hands it to a consumer.
Scope: TypeAlias = Mapping[str, Any]

#: The code with which a page's websocket is closed when its visitor is another by now; as HTTP's 409.
OTHER_VISIT = 4409
_DEFAULT_PORTS = {"http": 80, "https": 443}


class OwnedRequest(HttpRequest):
    """A request behind `OwnerMiddleware`. Assigning ``owner`` makes the answer's cookie say so."""

    owner: str


# --- The visitor's cookie -----------------------------------------------------------------------------------


def sign_owner(owner: str) -> str:
    """The value of the owner cookie."""
    return TimestampSigner(salt="chat.owner").sign(owner)


def read_owner(cookie: str | None, max_age: timedelta | None = None) -> str | None:
    """The owner that ``cookie`` names; None when it is missing, tampered with, or older than ``max_age``."""
    if cookie is None:
        return None
    try:
        return TimestampSigner(salt="chat.owner").unsign(cookie, max_age=max_age or _visit_lifetime())
    except BadSignature:
        return None


def _visit_lifetime() -> timedelta:
    return timedelta(days=settings.CHAT_OWNER_DAYS)


class OwnerMiddleware:
    """Gives every request an ``owner``, and every visitor the cookie that keeps it; visits renew it."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        owned = cast(OwnedRequest, request)
        owned.owner = read_owner(request.COOKIES.get(OWNER_COOKIE)) or new_owner_id()
        if self._async:
            return self._answer(owned)
        return _with_cookie(owned, cast(HttpResponseBase, self.get_response(request)))

    async def _answer(self, request: OwnedRequest) -> HttpResponseBase:
        return _with_cookie(request, await cast(Awaitable[HttpResponseBase], self.get_response(request)))


def _with_cookie(request: OwnedRequest, response: HttpResponseBase) -> HttpResponseBase:
    # Not on every answer: one that was under way while its visitor signed out would bring the old owner back.
    recently = _visit_lifetime() / 100
    if read_owner(request.COOKIES.get(OWNER_COOKIE), recently) != request.owner:
        response.set_cookie(
            OWNER_COOKIE,
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
    """Whoever sits down next at this browser must not see what was said before."""
    if request is not None:
        request.owner = new_owner_id()


def check_visit(shown: str | None, asked: str) -> None:
    """Raises `AccessDenied` when a page shows something else than what it would be answered from now on.

    A page outlives its cookie: once that names another owner, the same addresses mean other sessions. ``shown`` and
    ``asked`` are an owner id, or a memory id; nobody gains anything by telling a wrong one. None: it was not told.
    """
    if shown is not None and shown != asked:
        raise AccessDenied("other_visit", OTHER_VISIT)


# --- Tokens and tickets -------------------------------------------------------------------------------------


def issue_token(owner: str, lifetime: timedelta) -> str:
    """A bearer token that speaks for ``owner``; its characters are those of a websocket subprotocol."""
    return _issue("token", owner, lifetime)


def issue_ticket(owner: str) -> str:
    """A token for the query of a websocket's address, where logs may see it: good for one minute."""
    return _issue("ticket", owner, TICKET_LIFETIME)


def owner_of_token(token: str) -> str:
    """Whom the bearer token speaks for. Raises `AccessDenied` when it is not ours or has expired."""
    return _owner_of("token", token)


def owner_of_ticket(ticket: str) -> str:
    """Whom the ticket speaks for. Raises `AccessDenied` when it is not ours or is older than a minute."""
    return _owner_of("ticket", ticket)


def _signer(kind: str) -> Signer:
    return Signer(salt=f"chat.{kind}", sep=".")  # Django's own separator, a colon, may not stand in a subprotocol


def _issue(kind: str, owner: str, lifetime: timedelta) -> str:
    return _signer(kind).sign(f"{owner}.{int(time.time() + lifetime.total_seconds())}")


def _owner_of(kind: str, credential: str) -> str:
    try:
        owner, expiry = _signer(kind).unsign(credential).split(".")
    except BadSignature:
        raise AccessDenied("foreign_token", kind=kind) from None
    if time.time() >= int(expiry):
        raise AccessDenied("expired_token", kind=kind)
    return owner


# --- A websocket's handshake --------------------------------------------------------------------------------


def authenticate(scope: Scope) -> str:
    """The owner id of a websocket: by token, by ticket, or by the visitor's cookie and an allowed Origin.

    Raises `AccessDenied` with the code to close with. Accept the handshake first: a browser learns nothing
    from a refused one, and tries again for ever.
    """
    if (token := offered_token(scope["subprotocols"])) is not None:
        return owner_of_token(token)
    if tickets := parse_qs(scope["query_string"].decode("latin-1")).get("ticket"):
        return owner_of_ticket(tickets[0])
    if not origin_allowed(scope):
        raise AccessDenied("origin", 4403)
    cookies = parse_cookie(_header(scope, b"cookie") or "")
    if owner := read_owner(cookies.get(OWNER_COOKIE)):
        return owner
    raise AccessDenied("expired")


def offered_token(subprotocols: Sequence[str]) -> str | None:
    """The token among the offered subprotocols (``bearer.<token>``), if there is one."""
    offers = (offer for offer in subprotocols if offer.startswith(BEARER_SUBPROTOCOL))
    return next((offer.removeprefix(BEARER_SUBPROTOCOL) for offer in offers), None)


def origin_allowed(scope: Scope) -> bool:
    """Whether the Origin is the site's own or in ``CHAT_ALLOWED_ORIGINS``, by scheme, host and port."""
    origin = _parts(_header(scope, b"origin") or "")
    allowed = [*settings.CHAT_ALLOWED_ORIGINS, settings.CHAT_PUBLIC_URL, _own_origin(scope)]
    return origin is not None and origin in map(_parts, allowed)


def _own_origin(scope: Scope) -> str:
    """The origin of pages served at the Host that was asked for; "" for a Host that is not ours."""
    host = _header(scope, b"host") or ""
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return ""
    if host == urlsplit(settings.CHAT_PUBLIC_URL).netloc:
        return settings.CHAT_PUBLIC_URL  # behind a proxy the scheme of the scope is the proxy's, not the page's
    return f"{'https' if scope.get('scheme') in {'wss', 'https'} else 'http'}://{host}"


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for "null" and for what is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _header(scope: Scope, name: bytes) -> str | None:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if values else None
