"""Getting a ticket for a token."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory

from chat.api import tickets
from chat.api.tickets import ticket
from chat.grants.grants import Grants
from chat.web.tokens import issue_token, read_ticket
from tests.support.grants import grants_in
from tests.support.links import process
from tests.support.servers import free_port

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def grants(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Grants]:
    """The grants that the view asks."""
    async with process(redis_url) as worker:
        grants = grants_in(worker)
        monkeypatch.setattr(tickets, "components", lambda: SimpleNamespace(grants=grants))
        yield grants


async def asked(token: str, body: bytes = b"", origin: str | None = None) -> HttpResponse:
    """The answer to a request for a ticket."""
    headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
    return await ticket(AsyncRequestFactory().post("/api/ticket", body, "application/json", headers=headers))


async def test_a_token_buys_a_ticket():
    """A POST with a bearer token returns a ticket for the same owner, and must not be cached."""
    answer = await asked(issue_token("alice", HOUR))
    assert read_ticket(json_of(answer)["ticket"]).owner == "alice"
    assert json_of(answer)["expires_in"] == 60
    assert "no-store" in answer["Cache-Control"]


async def test_a_revoked_token_buys_no_ticket(grants):
    """A token whose id is not in the register is refused; one that is gets tickets that depend on it."""
    record = await grants.tokens.add("alice", "", 60)
    token = issue_token("alice", HOUR, record.id)
    assert read_ticket(json_of(await asked(token))["ticket"]).token_id == record.id
    await grants.tokens.revoke(record.id)
    refused = await asked(token)
    assert (refused.status_code, json_of(refused)["error"]) == (401, "This token was revoked. Ask for a new one.")


async def test_a_service_buys_a_ticket_for_an_owner_of_its_tenant(grants):
    """Another token is refused, rather than given a ticket for its own owner."""
    record, other = await grants.tokens.add("acme", "", 60, is_service=True), await grants.tokens.add("alice", "", 60)
    wanted = b'{"owner": "user-42", "expires_in": 5}'
    bought = json_of(await asked(issue_token("acme", HOUR, record.id), wanted))
    assert (read_ticket(bought["ticket"]).owner, bought["expires_in"]) == ("acme_user-42", 5)
    assert (await asked(issue_token("alice", HOUR, other.id), wanted)).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"owmer": "bob"}', 400), (b'{"expires_in": 601}', 400), (b"[]", 400), (b"{", 400), (b"x" * 3_000_000, 413)],
)
async def test_a_body_that_is_not_understood_buys_no_ticket(body, status):
    """A misspelt field is not ignored: the ticket would be for somebody else."""
    refused = await asked(issue_token("alice", HOUR), body)
    assert (refused.status_code, json_of(refused)["error"]) == (status, json_of(refused)["detail"])


async def test_pages_of_other_origins_than_the_tokens_buy_no_ticket(grants):
    """Programs, which have no origin, do."""
    record = await grants.tokens.add("alice", "", 60, origins=["https://app.example.org"])
    token = issue_token("alice", HOUR, record.id)
    answers = [await asked(token, origin=each) for each in (None, "https://app.example.org", "https://evil.example")]
    assert [answer.status_code for answer in answers] == [200, 200, 403]


async def test_without_redis_nobody_knows_whether_a_token_is_revoked(monkeypatch):
    """The answer is not that it is wrong."""
    async with process(f"redis://127.0.0.1:{free_port()}") as worker:
        monkeypatch.setattr(tickets, "components", lambda: SimpleNamespace(grants=grants_in(worker)))
        away = await asked(issue_token("alice", HOUR, "f00d"))
    assert (away.status_code, json_of(away)["error"].endswith("Try again in a moment.")) == (503, True)


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
