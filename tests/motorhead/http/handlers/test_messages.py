"""The calls that look up messages of a session."""

from __future__ import annotations

import httpx

from tests.support.kit import idle, wire

WHO = "/sessions/who/memory"


async def test_history_reaches_back_through_what_was_folded(memory: httpx.AsyncClient) -> None:
    """All messages are returned page by page, newest first; the last page has no ``before``."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(25))))
    await idle(memory, "who")
    found: list[str] = []
    before: str | None = ""
    while before is not None:
        query = f"?limit=10{f'&before={before}' if before else ''}"
        page = (await memory.get(f"/sessions/who/messages{query}")).json()
        found += [message["content"] for message in page["messages"]]
        before = page["before"]
    assert found == [f"m{n}" for n in reversed(range(25))]


async def test_retrieval_wants_a_long_term_memory(memory: httpx.AsyncClient) -> None:
    """If it is disabled, retrieval is refused with the sentence of the original Motörhead."""
    refused = await memory.post("/sessions/who/retrieval", json={"text": "x"})
    assert (refused.status_code, refused.json()) == (400, {"error": "Long term memory is disabled"})
