"""The call that searches sessions."""

from __future__ import annotations

import httpx
import pytest

from motorhead.config import Settings
from redis_link.link import RedisLink
from tests.support.kit import in_process, wire


async def test_a_search_finds_words_and_goes_on(memory: httpx.AsyncClient) -> None:
    """Each answer has the places found so far, and a cursor until everything has been searched."""
    for name in ("one", "two"):
        await memory.post(f"/sessions/{name}/memory?namespace=n", json=wire(f"hi, {name} is my name", "hello"))
    first = (await memory.get("/search", params={"q": "NAME is", "namespace": "n", "limit": 2})).json()
    assert [one["session"] for one in first["results"]] == ["two", "two"]
    rest = (await memory.get("/search", params={"q": "NAME is", "namespace": "n", "cursor": first["cursor"]})).json()
    assert [(one["session"], one["where"]) for one in rest["results"]] == [("one", "title"), ("one", "message")]
    assert rest["cursor"] is None
    assert (await memory.get("/search", params={"q": "name"})).json() == {"results": [], "cursor": None}


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q=%20", f"q={'x' * 201}", f"q={'+'.join('abcdefghijk')}", "q=a&limit=0", "q=a&cursor=x", "q=a&all=1"],
)
async def test_an_invalid_search_is_refused(memory: httpx.AsyncClient, query: str) -> None:
    """400 with a sentence."""
    refused = await memory.get(f"/search?{query}")
    assert (refused.status_code, refused.json()["error"][-1]) == (400, ".")


async def test_everything_is_searched_only_with_a_token(link: RedisLink) -> None:
    """Without one configured it is 403; with one, all namespaces are searched."""
    async with in_process(link) as client:
        await client.post("/sessions/s/memory?namespace=n", json=wire("tea"))
        assert (await client.get("/search?q=tea&all=true")).status_code == 403
    async with in_process(link, Settings(token="t")) as client:
        found = await client.get("/search?q=tea&all=true", headers={"Authorization": "Bearer t"})
        assert {one["namespace"] for one in found.json()["results"]} == {"n"}
