"""Who may use the door, and which pages may read its answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory

from chat.api.openai.access import share, token_of
from chat.domain.exceptions import AccessDenied
from chat.web.tokens import issue_token

APP = "https://app.example.net"


def test_a_bearer_token_names_the_owner():
    """The scheme may be written as one likes."""
    token = issue_token("alice", timedelta(hours=1))
    for scheme in ("Bearer", "bearer"):
        request = AsyncRequestFactory().get("/", headers={"Authorization": f"{scheme} {token} "})
        assert token_of(request).owner == "alice"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer sk-forged"])
def test_nothing_else_does(header: str):
    """Neither another scheme nor a token of another site, nor a cookie."""
    with pytest.raises(AccessDenied):
        token_of(AsyncRequestFactory().get("/", headers={"Authorization": header}))


def shared(settings: Any, method: str, origin: str, **headers: str) -> HttpResponse:
    settings.CHAT_ALLOWED_ORIGINS = [APP]
    request = AsyncRequestFactory().generic(method, "/v1/models", headers={"Origin": origin, **headers})
    return share(request, HttpResponse())  # type: ignore[return-value]


def test_an_allowed_page_may_send_what_its_client_library_sends(settings: Any):
    """Its own headers and those about the library, but no cookies."""
    asked = "authorization, x-stainless-os, X-Stainless-Retry-Count, x-evil, x-stainless-é"
    answer = shared(settings, "OPTIONS", APP, **{"Access-Control-Request-Headers": asked})
    assert answer["Access-Control-Allow-Origin"] == APP
    sent = answer["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "x-session-id", "x-stainless-os", "x-stainless-retry-count"} <= set(sent)
    assert "evil" not in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Retry-After" in shared(settings, "GET", APP)["Access-Control-Expose-Headers"]


def test_other_pages_read_nothing(settings: Any):
    """The answer depends on the origin, and caches know."""
    answer = shared(settings, "OPTIONS", "https://evil.example")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer["Vary"] == "Origin"
