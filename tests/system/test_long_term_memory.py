"""Long-term memory on a whole site: folded messages are found by their meaning, and shown to the user."""

from __future__ import annotations

from pathlib import Path

import httpx

from chat_client import ChatClient, MemoryLoaded, TurnFinished
from tests.ai_sdk.sockets import Visitor, visit
from tests.support.ports import until
from tests.support.servers import running, start_site


async def test_a_line_is_recalled_when_it_matters(tmp_path: Path) -> None:
    """A message that was folded long ago is added to the prompt, and the answer quotes it."""
    settings = {"MOTORHEAD_LONG_TERM_MEMORY": "true", "STANDIN_DELAY": "0", "MOTORHEAD_MAX_WINDOW_SIZE": "4"}
    with running(start_site(tmp_path, CHAT_TURNS_PER_MINUTE="0", **settings)) as site:
        visitor = await visit(site)
        async with ChatClient(site.url, visitor.token()) as chat:
            await chat.ask("s", "the password of the boat shed is herring")
            for _ in range(6):
                await chat.ask("s", "thanks")
            await until(lambda: is_indexed(visitor, "s"))
            await until(lambda: is_folded(visitor, "s"))
            events = [event async for event in chat.send("s", "what is the password of the boat shed?")]
    (memory,) = (event for event in events if isinstance(event, MemoryLoaded))
    assert "Human: the password of the boat shed is herring" in memory.recalled
    assert isinstance(events[-1], TurnFinished)
    assert "herring" in events[-1].reply


async def is_indexed(visitor: Visitor, session: str) -> bool:
    """Whether the memory server finds the session's first message by its words."""
    async with httpx.AsyncClient(base_url=visitor.site.record()["memory"], trust_env=False) as client:
        answer = await client.post(f"/sessions/{visitor.owner}.{session}/retrieval", json={"text": "boat shed"})
    return any("herring" in found["content"] for found in answer.raise_for_status().json())


async def is_folded(visitor: Visitor, session: str) -> bool:
    """Whether the session's first message has left the window; messages in the window are not recalled."""
    window = (await visitor.memory(session))["messages"]
    return not any("herring" in message["content"] for message in window)
