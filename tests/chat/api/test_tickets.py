"""Getting a ticket for a token."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory

from chat.api.tickets import ticket
from chat.web.tokens import issue_token, owner_of_ticket

HOUR = timedelta(hours=1)


async def test_a_token_buys_a_ticket():
    """A POST with a bearer token returns a ticket for the same owner, and must not be cached."""
    token = issue_token("alice", HOUR)
    answer = await ticket(AsyncRequestFactory().post("/api/ticket", headers={"Authorization": f"Bearer {token}"}))
    assert owner_of_ticket(json_of(answer)["ticket"]) == "alice"
    assert json_of(answer)["expires_in"] == 60
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic YTpi"])
async def test_no_ticket_without_a_token(header):
    """Without a valid token the response is 401 and a sentence."""
    answer = await ticket(AsyncRequestFactory().post("/api/ticket", headers={"Authorization": header}))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert json_of(answer)["error"].endswith(".")


async def test_a_ticket_is_not_to_be_had_by_get():
    """A GET is refused and gets no ticket."""
    assert (await ticket(AsyncRequestFactory().get("/api/ticket"))).status_code == 405


def json_of(answer: HttpResponse) -> dict[str, Any]:
    answered: dict[str, Any] = json.loads(answer.content)
    return answered
