"""Authenticating websockets: cookies and origins, tokens, tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Token, Visit
from chat.web.cookies import sign_visit
from chat.web.handshake import origin_allowed, read_credential
from chat.web.tokens import issue_ticket, issue_token
from tests.chat.web.test_cookies import aged

HOUR = timedelta(hours=1)


def scope(*subprotocols: str, query: str = "", **headers: str) -> dict[str, Any]:
    """A websocket's scope, as from Daphne, for the Host 127.0.0.1:8000."""
    named = {"host": "127.0.0.1:8000", **headers}
    return {
        "type": "websocket",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "query_string": query.encode(),
        "subprotocols": list(subprotocols),
    }


def visitor(owner: str, **headers: str) -> dict[str, Any]:
    return scope(cookie=f"{settings.CHAT_OWNER_COOKIE}={sign_visit(Visit(owner, 'v', 0))}", **headers)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8001", False),
        ("http://127.0.0.1", False),
        ("https://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("https://app.example.org", True),
        ("https://app.example.org:443", True),
        ("http://app.example.org", False),
        ("https://app.example.org.evil.example", False),
        ("https://chat.example.org", True),
        ("null", False),
        ("http://[", False),
        ("http://a:port", False),
        ("", False),
    ],
)
def test_an_origin_counts_by_scheme_host_and_port(settings, origin, allowed):
    """Only the site's own origin and listed ones are allowed, and only if they match exactly."""
    settings.CHAT_ALLOWED_ORIGINS = ["https://app.example.org"]
    settings.CHAT_PUBLIC_ORIGIN = "https://chat.example.org"
    assert origin_allowed(scope(origin=origin)) is allowed


def test_a_missing_origin_is_not_allowed():
    """A handshake without an Origin is not from a page of ours."""
    assert not origin_allowed(scope())


def test_a_program_without_a_credential_is_asked_for_one():
    """It is no page, so nothing is said about origins."""
    with pytest.raises(AccessDenied, match="Send a bearer token") as denied:
        read_credential(scope())
    assert denied.value.close_code == 4401


def test_an_origin_equal_to_a_foreign_host_is_not_ours():
    """An origin equal to the Host is not ours if the Host is not."""
    assert not origin_allowed(scope(host="evil.example:8000", origin="http://evil.example:8000"))


def test_a_page_without_tls_may_not_speak_at_the_public_host(settings):
    """At the public address only the public scheme is allowed, although the proxy uses plain HTTP."""
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    settings.CHAT_PUBLIC_ORIGIN = "https://chat.example.org"
    assert origin_allowed(scope(host="chat.example.org", origin="https://chat.example.org"))
    assert not origin_allowed(scope(host="chat.example.org", origin="http://chat.example.org"))


def test_a_websocket_is_known_by_its_cookie():
    """A visitor's cookie with the site's own Origin identifies the owner."""
    assert read_credential(visitor("bob", origin="http://127.0.0.1:8000")).owner == "bob"


def test_a_page_of_another_site_is_known_by_its_own_cookie(settings):
    """Only from an allowed origin; the visitor's own cookie comes first."""
    settings.CHAT_ALLOWED_ORIGINS = ["https://app.example.net"]
    eve, bob = (sign_visit(Visit(owner, "v", 0)) for owner in ("eve", "bob"))
    cookie = f"{settings.CHAT_FRONTEND_COOKIE}={eve}"
    assert read_credential(scope(cookie=cookie, origin="https://app.example.net")).owner == "eve"
    with pytest.raises(AccessDenied, match="origin"):
        read_credential(scope(cookie=cookie, origin="https://evil.example"))
    both = f"{cookie}; {settings.CHAT_OWNER_COOKIE}={bob}"
    assert read_credential(scope(cookie=both, origin="https://app.example.net")).owner == "bob"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_foreign_page_is_denied(origin):
    """A foreign Origin is denied with 4403, even with a valid cookie."""
    with pytest.raises(AccessDenied, match="origin") as denied:
        read_credential(visitor("bob", origin=origin))
    assert denied.value.close_code == 4403


@pytest.mark.parametrize("cookie", ["", "{}=bob", "{}=bob:1:forged", "other=1"])
def test_a_websocket_without_a_valid_cookie_is_asked_to_reload(cookie):
    """A missing or tampered cookie is denied with 4401 and advice."""
    with pytest.raises(AccessDenied, match=r"^Your visit has expired\. Reload the page\.") as denied:
        read_credential(scope(cookie=cookie.format(settings.CHAT_OWNER_COOKIE), origin="http://127.0.0.1:8000"))
    assert denied.value.close_code == 4401


def test_an_expired_cookie_closes_the_websocket(monkeypatch):
    """A cookie older than CHAT_OWNER_DAYS is denied with 4401."""
    cookie = f"{settings.CHAT_OWNER_COOKIE}={aged(Visit('bob', 'v', 0), timedelta(days=366), monkeypatch)}"
    with pytest.raises(AccessDenied, match="expired"):
        read_credential(scope(cookie=cookie, origin="http://127.0.0.1:8000"))


def test_a_bearer_token_needs_neither_cookie_nor_origin():
    """The subprotocol bearer.<token> identifies the owner, from any origin."""
    offer = f"bearer.{issue_token('alice', HOUR)}"
    assert read_credential(scope("ai-sdk.v1", offer)).owner == "alice"
    assert read_credential(scope(offer, origin="https://anywhere.example")).owner == "alice"


def test_a_ticket_names_its_owner():
    """The ticket in the query identifies the owner."""
    query = f"a=b&ticket={issue_ticket(Token('alice'))}"
    assert read_credential(scope(query=query)).owner == "alice"


@pytest.mark.parametrize("offer", ["bearer.", "bearer.x", "bearer.alice.9999999999.forged"])
def test_a_token_that_is_not_ours_is_denied(offer):
    """A forged token is denied with 4401, even with a valid cookie."""
    handshake = visitor("bob", origin="http://127.0.0.1:8000") | {"subprotocols": [offer]}
    with pytest.raises(AccessDenied, match="token was not issued by this site") as denied:
        read_credential(handshake)
    assert denied.value.close_code == 4401
