"""Who is answered at the OpenAI-shaped API, on a whole site."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from django.urls import URLPattern

from chat.urls import urlpatterns
from tests.ai_sdk.sockets import visit
from tests.openai_clients.callers import Caller, pieces, text_streamed
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, Site
from tests.support.staff import manage

#: Every path of this API; those that answer programs, and what anybody gets at the last one.
PATHS = {
    each.name: str(each.pattern)
    for each in urlpatterns
    if isinstance(each, URLPattern) and (each.name or "").startswith("openai-")
}
CALLS = {"openai-completions": "POST", "openai-models": "GET", "openai-model": "GET"}
BODY = {"messages": [{"role": "user", "content": "hi"}], "metadata": {"session": "s"}}


@pytest.fixture
async def anybody(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a credential."""
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=30 * PATIENCE) as client:
        yield client


def test_every_path_is_in_the_matrix():
    """A new call needs a line here, and in docs/security.md."""
    assert set(PATHS) == {*CALLS, "openai-unknown"}


@pytest.mark.parametrize("name", CALLS)
async def test_only_a_token_gives_access(site: Site, caller: Caller, anybody: httpx.AsyncClient, name: str):
    """Neither a visitor's cookie from the site's own page, nor a ticket, nor a foreign token; and nothing happens."""
    visitor = await visit(site)
    ticket = (await anybody.post("/api/ticket", headers=bearer(caller.token))).json()["ticket"]
    credentials = {
        "none": {},
        "cookie": visitor.headers() | {"Sec-Fetch-Site": "same-origin"},
        "ticket": bearer(ticket),
        "foreign token": bearer("alice.99999999999.x"),
    }
    path = "/" + PATHS[name].replace("<path:name>", "small")
    for headers in credentials.values():
        refused = await anybody.request(CALLS[name], path, json=BODY, headers=headers, params={"ticket": ticket})
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "access_denied")
        assert "Set-Cookie" not in refused.headers
    answered = await anybody.request(CALLS[name], path, json=BODY, headers=bearer(caller.token))
    assert (answered.status_code, "Set-Cookie" in answered.headers) == (200, False)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_owners_have_their_own_sessions(caller: Caller, model: ScriptedOpenAI):
    """Also under the same id and the same key."""
    key = {"Idempotency-Key": "k1"}
    async with Caller(caller.site, f"{caller.owner}-2") as other:
        for each in (caller, other):
            await each.ask(f"i am {each.owner}", extra_headers=key)
        assert await other.exchange() == [f"i am {other.owner}", f"You said: i am {other.owner}"]


async def test_revoking_a_token_ends_its_streams(site: Site, caller: Caller, model: ScriptedOpenAI):
    """The client raises an error with the sentence, and cannot ask again."""
    issued = await asyncio.to_thread(manage, site, "issue_token", "--owner", caller.owner, "--days", "1")
    listed = await asyncio.to_thread(manage, site, "list_tokens")
    token_id = next(line.split()[0] for line in listed.splitlines() if caller.owner in line)
    caller.client.api_key = issued.strip()
    model.enqueue(Reply("one two", gate=Gate(), gate_at=1))
    stream, _ = await caller.stream("go")
    assert await anext(pieces(stream)) == "one "
    await asyncio.to_thread(manage, site, "revoke_token", token_id)
    with pytest.raises(openai.APIError, match="revoked"):
        await text_streamed(stream)
    with pytest.raises(openai.AuthenticationError):
        await caller.ask("again")


async def test_a_page_of_another_origin_may_not_read(site: Site, anybody: httpx.AsyncClient):
    """A browser asks first, and is given nothing; the site's own page is."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for origin, allowed in (("https://evil.example", None), (site.url, site.url)):
        answer = await anybody.options("/v1/chat/completions", headers={"Origin": origin, **asked})
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (204, allowed)
