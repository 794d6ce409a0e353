"""Who may read the metrics."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.monitoring.middleware import MetricsMiddleware
from telemetry.exposition import Family

TOKEN = "a-token"


class Shown:
    """One family."""

    async def gather(self) -> list[Family]:
        return [Family("turns", "counter", "Turns.", ["turns 1"])]


async def answer(path: str = "/metrics", method: str = "GET", peer: str = "127.0.0.1", **headers: str) -> HttpResponse:
    """The answer to a request whose view would answer "the view"."""
    shown: Any = Shown()

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("the view")

    host = headers.pop("Host", "localhost")
    request = AsyncRequestFactory().generic(method, path, headers=headers)
    request.META |= {"REMOTE_ADDR": peer, "HTTP_HOST": host}
    return await MetricsMiddleware(view, lambda: shown)(request)


@pytest.mark.parametrize(("method", "path"), [("POST", "/metrics"), ("GET", "/metrics/"), ("GET", "/")])
async def test_other_requests_go_on(method: str, path: str) -> None:
    """Only GET and HEAD of the one path are answered."""
    assert (await answer(path, method)).text == "the view"


async def test_this_machine_reads_them() -> None:
    """The answer is in the format of Prometheus and stored nowhere."""
    found = await answer()
    assert found.text == "# HELP turns Turns.\n# TYPE turns counter\nturns 1\n"
    assert found.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("10.0.0.7", {}),
        ("127.0.0.1", {"Host": "chat.example.org"}),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}),
        ("127.0.0.1", {"Via": "1.1 proxy", "Authorization": f"Bearer {TOKEN}"}),
    ],
)
async def test_nobody_else_does(peer: str, headers: dict[str, str]) -> None:
    """Neither another machine, nor a proxy, nor by the public name; the sentence says what to do."""
    found = await answer(peer=peer, **headers)
    assert found.status_code == 403
    assert "CHAT_METRICS_TOKEN" in found.text


async def test_a_site_that_others_reach_needs_a_token(settings: Any) -> None:
    """A proxy on the same machine that adds no header and asks for ``localhost`` looks like a local user."""
    settings.CHAT_ON_LOOPBACK = False
    found = await answer()
    assert (found.status_code, "chat" in found.text) == (403, False)
    assert "CHAT_METRICS_TOKEN" in found.text
    settings.CHAT_METRICS_TOKEN = TOKEN
    assert (await answer(Authorization=f"Bearer {TOKEN}")).status_code == 200


async def test_with_a_token_everyone_needs_it(settings: Any) -> None:
    """Also on this machine, where a proxy may forget to say that it is one."""
    settings.CHAT_METRICS_TOKEN = TOKEN
    for peer in ("127.0.0.1", "10.0.0.7"):
        for wrong in ({}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}):
            found = await answer(peer=peer, **wrong)
            assert (found.status_code, found.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert "CHAT_METRICS_TOKEN" in found.text
        right = {"Authorization": f"bearer {TOKEN}", "Host": "10.1.2.3:8000", "X-Forwarded-For": "10.0.0.7"}
        assert (await answer(peer=peer, **right)).status_code == 200
