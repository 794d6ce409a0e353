"""Who may speak: cookies, origins, tokens and tickets."""

from __future__ import annotations

import io
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_out
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from chat.api.tickets import ticket
from chat.domain.exceptions import AccessDenied
from chat.web import visitor as access

HOUR = timedelta(hours=1)


def scope(*subprotocols: str, query: str = "", **headers: str) -> dict[str, Any]:
    """A websocket's scope as Daphne gives it, asked for at 127.0.0.1:8000."""
    named = {"host": "127.0.0.1:8000", **headers}
    return {
        "type": "websocket",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "query_string": query.encode(),
        "subprotocols": list(subprotocols),
    }


def visitor(owner: str, **headers: str) -> dict[str, Any]:
    return scope(cookie=f"owner={access.sign_owner(owner)}", **headers)


def visit(request: HttpRequest, do: Any = None) -> HttpResponse:
    """The answer to ``request`` behind the middleware, whose body is the owner; ``do`` runs in the view."""

    def view(request: Any) -> HttpResponse:
        if do:
            do(request)
        return HttpResponse(request.owner)

    return access.OwnerMiddleware(view)(request)  # type: ignore[return-value]


def request(cookie: str | None = None) -> HttpRequest:
    made = RequestFactory().get("/")
    if cookie is not None:
        made.COOKIES["owner"] = cookie
    return made


def aged(owner: str, days: float, monkeypatch: pytest.MonkeyPatch) -> str:
    """A cookie that was signed ``days`` ago."""
    now = time.time()
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: now - days * 86_400)
        return access.sign_owner(owner)


def test_a_first_visit_gets_an_owner_and_a_cookie_that_names_it():
    """The cookie of a first visit is signed, HttpOnly, SameSite=Lax, and names the request's owner."""
    answer = visit(request())
    cookie = answer.cookies["owner"]
    assert access.read_owner(cookie.value) == answer.content.decode()
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert int(cookie["max-age"]) == 365 * 86_400
    assert "Cookie" in answer["Vary"]


def test_the_cookie_keeps_its_owner_without_being_sent_again():
    """A visitor with a fresh cookie is the same owner, and gets no new cookie."""
    answer = visit(request(access.sign_owner("bob")))
    assert (answer.content, answer.cookies) == (b"bob", {})


def test_a_visit_renews_a_cookie_that_has_aged(monkeypatch):
    """A cookie of some days is signed anew for the same owner."""
    answer = visit(request(aged("bob", 30, monkeypatch)))
    assert access.read_owner(answer.cookies["owner"].value, HOUR) == "bob"


@pytest.mark.parametrize("cookie", ["", "bob", "bob:1:forged", "\x00", "bob:" * 3000])
def test_a_cookie_that_is_not_ours_gives_a_new_owner(cookie):
    """A tampered cookie is worth nothing: the visitor is somebody new."""
    answer = visit(request(cookie))
    assert answer.content != b"bob"
    assert answer.cookies["owner"].value != cookie


def test_an_expired_cookie_gives_a_new_owner(monkeypatch):
    """After CHAT_OWNER_DAYS without a visit the owner is somebody new."""
    assert visit(request(aged("bob", 366, monkeypatch))).content != b"bob"


def test_signing_out_leaves_the_owner_behind():
    """After signing out the browser belongs to a new owner."""

    def sign_out(request: HttpRequest) -> None:
        user_logged_out.send(sender=None, request=request, user=None)

    answer = visit(request(access.sign_owner("bob")), sign_out)
    assert access.read_owner(answer.cookies["owner"].value) == answer.content.decode() != "bob"


async def test_the_middleware_serves_async_views():
    """Behind ASGI the middleware awaits the view and sets the cookie as well."""

    async def view(request: Any) -> HttpResponse:
        return HttpResponse(request.owner)

    answer = await access.OwnerMiddleware(view)(AsyncRequestFactory().get("/"))  # type: ignore[misc]
    assert access.read_owner(answer.cookies["owner"].value) == answer.content.decode()


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
    """Only the site's own origin and the listed ones pass, and only exactly."""
    settings.CHAT_ALLOWED_ORIGINS = ["https://app.example.org"]
    settings.CHAT_PUBLIC_URL = "https://chat.example.org"
    assert access.origin_allowed(scope(origin=origin)) is allowed


def test_a_missing_origin_is_not_allowed():
    """Whoever sends no Origin is no page of ours."""
    assert not access.origin_allowed(scope())


def test_an_origin_equal_to_a_foreign_host_is_not_ours():
    """A name that somebody else points at this machine is not the site's own."""
    assert not access.origin_allowed(scope(host="evil.example:8000", origin="http://evil.example:8000"))


def test_a_page_without_tls_may_not_speak_at_the_public_host(settings):
    """At the public address only the public scheme counts, though the proxy speaks plain HTTP to us."""
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    settings.CHAT_PUBLIC_URL = "https://chat.example.org"
    assert access.origin_allowed(scope(host="chat.example.org", origin="https://chat.example.org"))
    assert not access.origin_allowed(scope(host="chat.example.org", origin="http://chat.example.org"))


def test_a_websocket_is_known_by_its_cookie():
    """A visitor's cookie with the site's own Origin names the owner."""
    assert access.authenticate(visitor("bob", origin="http://127.0.0.1:8000")) == "bob"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_foreign_page_is_told_so(origin):
    """A foreign Origin is denied with 4403 although the cookie is good."""
    with pytest.raises(AccessDenied, match="origin") as denied:
        access.authenticate(visitor("bob", origin=origin))
    assert denied.value.close_code == 4403


@pytest.mark.parametrize("cookie", ["", "owner=bob", "owner=bob:1:forged", "other=1"])
def test_a_websocket_without_a_good_cookie_is_told_to_reload(cookie):
    """A missing or tampered cookie is denied with 4401 and the way out."""
    with pytest.raises(AccessDenied, match=r"^Your visit has expired\. Reload the page\.$") as denied:
        access.authenticate(scope(cookie=cookie, origin="http://127.0.0.1:8000"))
    assert denied.value.close_code == 4401


def test_an_expired_cookie_closes_the_websocket(monkeypatch):
    """A cookie older than CHAT_OWNER_DAYS is denied with 4401."""
    cookie = f"owner={aged('bob', 366, monkeypatch)}"
    with pytest.raises(AccessDenied, match="expired"):
        access.authenticate(scope(cookie=cookie, origin="http://127.0.0.1:8000"))


def test_a_bearer_token_needs_neither_cookie_nor_origin():
    """The subprotocol bearer.<token> names the owner, from any origin."""
    offer = f"bearer.{access.issue_token('alice', HOUR)}"
    assert access.authenticate(scope("ai-sdk.v1", offer)) == "alice"
    assert access.authenticate(scope(offer, origin="https://anywhere.example")) == "alice"


def test_a_token_may_stand_in_a_subprotocol():
    """A token holds only characters that the header Sec-WebSocket-Protocol allows."""
    token = access.issue_token("A-b_9", HOUR)
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()


def test_a_ticket_names_its_owner():
    """The ticket in the query names the owner."""
    query = f"a=b&ticket={access.issue_ticket('alice')}"
    assert access.authenticate(scope(query=query)) == "alice"


@pytest.mark.parametrize("offer", ["bearer.", "bearer.x", "bearer.alice.9999999999.forged"])
def test_a_token_that_is_not_ours_is_denied(offer):
    """A made-up token is denied with 4401, even beside a good cookie."""
    handshake = visitor("bob", origin="http://127.0.0.1:8000") | {"subprotocols": [offer]}
    with pytest.raises(AccessDenied, match="token was not issued by this site") as denied:
        access.authenticate(handshake)
    assert denied.value.close_code == 4401


def test_credentials_expire():
    """A token whose time is over is denied with a sentence."""
    token = access.issue_token("alice", timedelta(seconds=-1))
    with pytest.raises(AccessDenied, match="token has expired"):
        access.owner_of_token(token)


def test_a_ticket_is_good_for_a_minute(monkeypatch):
    """A ticket is denied a minute after it was issued."""
    ticket, now = access.issue_ticket("alice"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert access.owner_of_ticket(ticket) == "alice"
    monkeypatch.setattr(time, "time", lambda: now + 61)
    with pytest.raises(AccessDenied, match="ticket has expired"):
        access.owner_of_ticket(ticket)


def test_credentials_of_one_kind_are_no_credentials_of_another():
    """A cookie is no token, and a ticket is neither: it cannot be stretched beyond its minute."""
    with pytest.raises(AccessDenied):
        access.owner_of_token(access.issue_ticket("alice"))
    with pytest.raises(AccessDenied):
        access.owner_of_ticket(access.issue_token("alice", HOUR))
    assert access.read_owner(access.issue_ticket("alice")) is None


async def test_a_token_buys_a_ticket():
    """POST with a bearer token answers a ticket of the same owner, not to be cached."""
    token = access.issue_token("alice", HOUR)
    answer = await ticket(AsyncRequestFactory().post("/api/ticket", headers={"Authorization": f"Bearer {token}"}))
    assert access.owner_of_ticket(json_of(answer)["ticket"]) == "alice"
    assert json_of(answer)["expires_in"] == 60
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi"])
async def test_no_ticket_without_a_token(header):
    """Without a good token the answer is 401 and a sentence."""
    answer = await ticket(AsyncRequestFactory().post("/api/ticket", headers={"Authorization": header}))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert json_of(answer)["error"].endswith(".")


async def test_a_ticket_is_not_to_be_had_by_get():
    """A GET changes nothing and gets no ticket."""
    assert (await ticket(AsyncRequestFactory().get("/api/ticket"))).status_code == 405


def json_of(answer: HttpResponse) -> dict[str, Any]:
    answered: dict[str, Any] = json.loads(answer.content)
    return answered


def issue(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("issue_token", *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def test_the_command_prints_a_token():
    """issue_token prints the token alone, and whose it is beside it."""
    token, said = issue("--owner", "alice", "--days", "2")
    assert access.owner_of_token(token) == "alice"
    assert "alice" in said
    assert "2 days" in said


def test_the_command_makes_an_owner():
    """Without --owner the token is for an owner nobody has."""
    assert access.owner_of_token(issue()[0]) != access.owner_of_token(issue()[0])


@pytest.mark.parametrize("arguments", [("--owner", "a.b"), ("--owner", ""), ("--days", "0")])
def test_the_command_refuses_with_a_sentence(arguments):
    """An owner that cannot stand in a memory id, and a time that is none, are refused."""
    with pytest.raises(CommandError, match=r"takes .*\."):
        issue(*arguments)
