"""Reads the credential of a websocket: the visitor's signed cookie, a bearer token, or a one-minute ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Credential
from chat.web.cookies import frontend_visit_in, visit_in
from chat.web.tokens import read_ticket, read_token

BEARER_SUBPROTOCOL = "bearer."

#: An ASGI scope, as Channels passes it to a consumer.
Scope: TypeAlias = Mapping[str, Any]

_DEFAULT_PORTS = {"http": 80, "https": 443}


def read_credential(scope: Scope) -> Credential:
    """The credential of a websocket: a token, a ticket, or the visitor's cookie with an allowed Origin.

    It may have been taken back: `chat.grants.grants.Grants.confirm` knows. Accept the handshake first: a browser does
    not see why one was refused, and keeps trying. Raises `AccessDenied`, with the close code: there is no valid
    credential, or the Origin is not allowed.
    """
    if (token := offered_token(scope["subprotocols"])) is not None:
        return read_token(token)
    if tickets := parse_qs(scope["query_string"].decode("latin-1")).get("ticket"):
        return read_ticket(tickets[0])
    if header(scope, b"origin") is None and header(scope, b"cookie") is None:
        raise AccessDenied("no_credential")  # a program, not a page
    if not origin_allowed(scope):
        raise AccessDenied("origin", 4403)
    cookies = parse_cookie(header(scope, b"cookie") or "")
    if visit := visit_in(cookies) or frontend_visit_in(cookies):
        return visit
    raise AccessDenied("expired")


def is_token(offer: str) -> bool:
    """Whether an offered subprotocol is really a token (``bearer.<token>``)."""
    return offer.startswith(BEARER_SUBPROTOCOL)


def offered_token(subprotocols: Sequence[str]) -> str | None:
    """The token among the offered subprotocols, if there is one."""
    return next((offer.removeprefix(BEARER_SUBPROTOCOL) for offer in subprotocols if is_token(offer)), None)


def offer_to_accept(subprotocols: Sequence[str]) -> str | None:
    """The offer to accept before refusing a socket: a browser disconnects if none of its offers is accepted.

    The first that is not a token, otherwise a token, or None if nothing is offered: neither an empty offer nor an
    empty token is one.
    """
    offers = [offer for offer in subprotocols if offer not in {"", BEARER_SUBPROTOCOL}]
    named = (offer for offer in offers if not is_token(offer))
    return next(named, None) or next(iter(offers), None)


def origin_allowed(scope: Scope) -> bool:
    """Whether the Origin is the site's own or in ``CHAT_ALLOWED_ORIGINS``, by scheme, host and port."""
    origin = _parts(header(scope, b"origin") or "")
    allowed = [*settings.CHAT_ALLOWED_ORIGINS, settings.CHAT_PUBLIC_ORIGIN, _own_origin(scope)]
    return origin is not None and origin in map(_parts, allowed)


def is_own_origin(scope: Scope) -> bool:
    """Whether the Origin is that of the site's own pages."""
    origin = _parts(header(scope, b"origin") or "")
    return origin is not None and origin in map(_parts, [settings.CHAT_PUBLIC_ORIGIN, _own_origin(scope)])


def is_origin(origin: str) -> bool:
    """Whether a text is an origin as browsers send it: scheme and host in lower case, a port, and nothing else."""
    parts = urlsplit(origin)
    return _parts(origin) is not None and origin == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in origin


def _own_origin(scope: Scope) -> str:
    """The origin of pages at the requested Host; "" if the Host is not ours."""
    host = header(scope, b"host") or ""
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return ""
    if host == urlsplit(settings.CHAT_PUBLIC_ORIGIN).netloc:
        return settings.CHAT_PUBLIC_ORIGIN  # behind a proxy the scope has the proxy's scheme, not the page's
    return f"{'https' if scope.get('scheme') in {'wss', 'https'} else 'http'}://{host}"


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for "null" and anything that is not an origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def header(scope: Scope, name: bytes) -> str | None:
    """The value of the first header ``name`` (in lower case) of a websocket's handshake; None without one."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if values else None
