"""A site with an https address, behind a proxy."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.web.https import HttpsMiddleware

HSTS = "Strict-Transport-Security"


@pytest.fixture(autouse=True)
def https(settings: Any) -> None:
    """An https address in the settings."""
    settings.CHAT_PUBLIC_ORIGIN, settings.CHAT_HSTS_DAYS = "https://chat.example.org", 30


async def answered(path: str = "/s/trip?a=b", **headers: str) -> HttpResponse:
    """The response to a request with these headers."""

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    return await HttpsMiddleware(view)(AsyncRequestFactory().get(path, headers=headers))


@pytest.mark.parametrize("scheme", ["http", "HTTP", "http, https"])
async def test_plain_http_is_redirected(scheme: str):
    """The address is that of the site, whatever the Host; the method is kept."""
    answer = await answered(host="localhost", **{"X-Forwarded-Proto": scheme})
    assert (answer.status_code, answer["Location"]) == (308, "https://chat.example.org/s/trip?a=b")
    assert HSTS not in answer


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-Proto": "https, http"}])
async def test_https_is_required_from_then_on(headers: dict[str, str]):
    """A proxy that does not name the scheme is not redirected to itself without end."""
    answer = await answered(**headers)
    assert (answer.status_code, answer[HSTS]) == (200, "max-age=2592000")


async def test_the_requirement_can_be_left_out(settings: Any):
    """A host may have other servers, by plain http."""
    settings.CHAT_HSTS_DAYS = 0
    assert HSTS not in await answered()


@pytest.mark.parametrize("origin", ["", "http://chat.example.org"])
async def test_a_site_without_https_is_left_alone(settings: Any, origin: str):
    """Nothing is redirected or required."""
    settings.CHAT_PUBLIC_ORIGIN = origin
    answer = await answered(**{"X-Forwarded-Proto": "http"})
    assert (answer.status_code, HSTS in answer) == (200, False)
