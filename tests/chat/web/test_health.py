"""The addresses for health checks."""

from __future__ import annotations

from typing import cast

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.web.health import HealthMiddleware
from chat.web.readiness import Readiness, ReadinessCheck


class Check:
    """Finds what the test says."""

    def __init__(self, found: Readiness) -> None:
        self.found = found

    async def look(self) -> Readiness:
        return self.found


async def answer(method: str, path: str, found: Readiness = Readiness("ok", "ok", "ok", False)) -> HttpResponse:  # noqa: B008
    """The answer to a request whose view would answer "the view"."""

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("the view")

    request = AsyncRequestFactory().generic(method, path)
    return await HealthMiddleware(view, cast(ReadinessCheck, Check(found)))(request)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/healthz"), ("POST", "/readyz"), ("GET", "/healthz/"), ("GET", "/")]
)
async def test_other_requests_go_on(method: str, path: str):
    """Only GET and HEAD of the two paths are answered."""
    assert (await answer(method, path)).text == "the view"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_worker_that_lives_says_so(method: str):
    """The answer is `ok`."""
    assert (await answer(method, "/healthz")).text == "ok"


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [
        (Readiness("ok", "ok", "failing", draining=False), 200, "ready"),
        (Readiness("unreachable", "ok", "ok", draining=False), 503, "unready"),
        (Readiness("ok", "refused", "ok", draining=False), 503, "unready"),
        (Readiness("ok", "ok", "ok", draining=True), 503, "draining"),
    ],
)
async def test_a_worker_that_can_serve_no_turns_is_not_ready(found: Readiness, status: int, said: str):
    """The model alone does not count, because only turns show that it is back."""
    response = await answer("GET", "/readyz", found)
    assert response.status_code == status
    assert f'"status": "{said}"' in response.text
