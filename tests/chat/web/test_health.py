"""The address for health checks."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.web.health import HealthMiddleware


async def answered(method: str, path: str) -> str:
    """The text of the answer to a request whose view would answer "the view"."""

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("the view")

    request = AsyncRequestFactory().generic(method, path)
    return (await HealthMiddleware(view)(request)).text


@pytest.mark.parametrize(("method", "path"), [("POST", "/healthz"), ("GET", "/healthz/"), ("GET", "/")])
async def test_other_requests_go_on(method: str, path: str):
    """Only GET and HEAD of the one path are answered."""
    assert await answered(method, path) == "the view"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_health_check_is_answered(method: str):
    """The answer is `ok`."""
    assert await answered(method, "/healthz") == "ok"
