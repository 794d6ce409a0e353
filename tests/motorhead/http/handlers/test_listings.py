"""The calls that list sessions and namespaces."""

from __future__ import annotations

import httpx

from tests.support.kit import wire

WHO = "/sessions/who/memory"


async def test_details_tell_what_a_list_shows(memory: httpx.AsyncClient) -> None:
    """A listing with details has title, count and times; newest first on request."""
    await memory.post("/sessions/one/memory?namespace=n1", json=wire("  hi   im bob\n" + "word " * 30, "hello"))
    await memory.post("/sessions/two/memory?namespace=n1", json=wire("second"))
    rows = (await memory.get("/sessions?namespace=n1&details=true&order=newest")).json()
    assert [row["id"] for row in rows] == ["two", "one"]
    assert rows[1]["title"].startswith("hi im bob word")
    assert len(rows[1]["title"]) <= 61
    assert rows[1]["messages"] == 2
    assert rows[1]["created_at"] <= rows[1]["updated_at"]
    assert (await memory.get("/sessions?namespace=n1")).json() == ["one", "two"]


async def test_a_session_without_messages_has_no_title(memory: httpx.AsyncClient) -> None:
    """A session that only holds a context is listed without a title."""
    await memory.post(WHO, json={"messages": [], "context": "Known before."})
    assert (await memory.get("/sessions?details=true")).json()[0]["title"] is None


async def test_namespaces_are_those_that_hold_sessions(memory: httpx.AsyncClient) -> None:
    """A namespace appears with its first session and disappears with its last."""
    await memory.post("/sessions/x/memory?namespace=held", json=wire("a"))
    await memory.post("/sessions/y/memory?namespace=emptied", json=wire("a"))
    await memory.post("/sessions/z/memory", json=wire("a"))
    await memory.delete("/sessions/y/memory")
    assert (await memory.get("/namespaces")).json() == ["held"]


async def test_deletion_takes_the_session_off_every_listing(memory: httpx.AsyncClient) -> None:
    """Deleting a session removes it from all its namespaces, whichever of them the request names."""
    for namespace in ("", "?namespace=red", "?namespace=blue"):
        await memory.post(f"/sessions/both/memory{namespace}", json=wire("a"))
    await memory.delete("/sessions/both/memory?namespace=red")
    for namespace in ("", "?namespace=red", "?namespace=blue"):
        assert (await memory.get(f"/sessions{namespace}")).json() == []


async def test_a_namespace_has_a_length(memory: httpx.AsyncClient) -> None:
    """1,024 bytes are accepted; with a longer one every call is refused with a sentence, and nothing is stored."""
    most = "é" * 512
    assert (await memory.post(f"/sessions/s/memory?namespace={most}", json=wire("x"))).status_code == 200
    assert (await memory.get(f"/sessions?namespace={most}")).json() == ["s"]
    for call in (
        memory.post(f"/sessions/t/memory?namespace={most}a", json=wire("x")),
        memory.delete(f"/sessions/s/memory?namespace={most}a"),
        memory.get(f"/sessions?namespace={most}a"),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["error"]) == (400, "A namespace has at most 1024 bytes.")
    assert (await memory.get("/namespaces")).json() == [most]
    assert (await memory.get("/sessions/t/memory")).json()["messages"] == []
