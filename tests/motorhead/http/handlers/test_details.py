"""The calls that read and change the details of a session."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.kit import wire

PATH = "/sessions/s"
MEMORY = "/sessions/s/memory"


@pytest.fixture
async def epoch(memory: httpx.AsyncClient) -> str:
    """The epoch of a session with two messages."""
    return (await memory.post(MEMORY, json=wire("hi im bob", "hello"))).headers["Session-Epoch"]


async def change(memory: httpx.AsyncClient, **patch: Any) -> dict[str, Any]:
    """The details after a change."""
    answer = await memory.patch(PATH, json=patch)
    assert answer.status_code == 200, answer.text
    details: dict[str, Any] = answer.json()
    return details


async def test_a_session_can_be_given_details(memory: httpx.AsyncClient, epoch: str):
    """They are in the answer, in the session's own details and in listings."""
    metadata = {"labels": ["work", "né"]}
    given = {"title": "Bob's trip", "pinned": True, "metadata": metadata, "instructions": "Answer in Spanish."}
    details = await change(memory, **given)
    assert {key: details[key] for key in given} == given
    read = await memory.get(PATH)
    assert (read.json(), read.headers["Session-Epoch"]) == (details, epoch)
    assert (await memory.get("/sessions?details=true")).json() == [details]


async def test_a_session_begins_without_details(memory: httpx.AsyncClient, epoch: str):
    """Its title is its first words."""
    details = (await memory.get(PATH)).json()
    assert (details["title"], details["pinned"]) == ("hi im bob", False)
    assert (details["metadata"], details["instructions"]) == ({}, None)


async def test_null_removes_and_absent_keeps(memory: httpx.AsyncClient, epoch: str):
    """Without a title of its own, the session has its first words again."""
    await change(memory, title=" A \n ti\0tle\u202e ", pinned=True, metadata={"a": 1, "b": 2}, instructions="Be brief.")
    details = await change(memory, title=None, metadata={"a": None})
    assert (details["title"], details["pinned"], details["metadata"]) == ("hi im bob", True, {"b": 2})
    assert details["instructions"] == "Be brief."
    details = await change(memory, pinned=False, metadata=None, instructions=None)
    assert (details["pinned"], details["metadata"], details["instructions"]) == (False, {}, None)


async def test_details_are_not_memory(memory: httpx.AsyncClient, epoch: str):
    """A change moves neither the last activity nor the ETag of the memory."""
    before, listed = await memory.get(MEMORY), (await memory.get(PATH)).json()
    changed = await change(memory, title="t", instructions="i")
    after = await memory.get(MEMORY)
    assert (after.headers["ETag"], after.json()) == (before.headers["ETag"], before.json())
    assert changed["updated_at"] == listed["updated_at"]


async def test_details_go_with_their_session(memory: httpx.AsyncClient, epoch: str):
    """A new session of the same id has none of them."""
    await change(memory, title="t", pinned=True, metadata={"a": 1}, instructions="i")
    await memory.delete(MEMORY)
    assert (await memory.get(PATH)).status_code == 404
    await memory.post(MEMORY, json=wire("again"))
    details = (await memory.get(PATH)).json()
    assert (details["title"], details["pinned"], details["metadata"]) == ("again", False, {})
    assert details["instructions"] is None


async def test_an_unknown_session_is_not_created(memory: httpx.AsyncClient):
    """404, and nothing is listed or stored."""
    refused = await memory.patch(PATH, json={"title": "t"})
    assert (refused.status_code, refused.json()["error"]) == (404, "There is no session with this id.")
    assert (await memory.get("/sessions")).json() == []


async def test_a_session_that_was_deleted_meanwhile_is_not_changed(memory: httpx.AsyncClient, epoch: str):
    """412 with the epoch of an earlier session of the same id."""
    await memory.delete(MEMORY)
    await memory.post(MEMORY, json=wire("again"))
    refused = await memory.patch(PATH, json={"title": "t"}, headers={"Session-Epoch": epoch})
    assert refused.status_code == 412
    assert (await memory.get(PATH)).json()["title"] == "again"


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"title": "  "}, "at least one visible character"),
        ({"title": "\u200b\u200d\0"}, "at least one visible character"),
        ({"title": "t" * 201}, "at most 200 characters"),
        ({"instructions": ""}, "at least one visible character"),
        ({"instructions": "i" * 2001}, "at most 2000 characters"),
        ({"metadata": {str(n): n for n in range(17)}}, "at most 16 keys"),
        ({"metadata": {"a": "x" * 4096}}, "at most 4096 bytes"),
        ({"metadata": [1]}, "Expected `object"),
        ({"pinned": "yes"}, "Expected `bool"),
        ({"color": "red"}, "unknown field"),
    ],
)
async def test_an_invalid_detail_is_refused(memory: httpx.AsyncClient, epoch: str, patch: dict[str, Any], why: str):
    """400 with a sentence; nothing is changed."""
    before = (await memory.get(PATH)).json()
    refused = await memory.patch(PATH, json=patch)
    assert (refused.status_code, why in refused.json()["error"]) == (400, True), refused.text
    assert (await memory.get(PATH)).json() == before


async def test_metadata_are_bounded_together(memory: httpx.AsyncClient, epoch: str):
    """The bounds hold for what results from a change."""
    await change(memory, metadata={str(n): n for n in range(16)})
    assert (await memory.patch(PATH, json={"metadata": {"one more": 1}})).status_code == 400
    assert len((await change(memory, metadata={"0": None, "one more": 1}))["metadata"]) == 16
