"""The promise of the product: old facts are still known, because the summary contains them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.ai_sdk.sockets import Visitor, visit
from tests.support.ports import until
from tests.support.servers import running, start_site

SMALL_TALK = ("ok", "what is 2+2?", "thanks", "I like jazz", "tell me something", "nice weather today", "go on")


@pytest.mark.timeout(180)
async def test_a_fact_from_turn_1_is_recalled_in_turn_40(tmp_path: Path) -> None:
    """The first message left the window long ago; three or more folds carried its fact on."""
    with running(start_site(tmp_path, STANDIN_DELAY="0", CHAT_TURNS_PER_MINUTE="0")) as site:
        visitor = await visit(site)
        async with visitor.socket() as socket:
            await socket.ask("s", "hi im bob")
            for turn in range(2, 40):
                await socket.ask("s", SMALL_TALK[turn % len(SMALL_TALK)])
                await until(lambda: is_folded(visitor, "s"))  # people type more slowly than this test
            answer = await socket.ask("s", "whats my name?")
        assert "Bob" in answer.text
        memory = await visitor.memory("s")
        assert "hi im bob" not in [message["content"] for message in memory["messages"]]
        assert "Bob" in memory["context"]
        assert memory["tokens"] > 0
        assert len(await summaries(visitor, "s")) >= 3


async def is_folded(visitor: Visitor, session: str) -> bool:
    """Whether no fold is due."""
    return bool((await visitor.memory(session))["window"]["fold"] == "idle")


async def summaries(visitor: Visitor, session: str) -> list[object]:
    """The versions of a session's summary."""
    async with httpx.AsyncClient(base_url=visitor.site.record()["memory"], trust_env=False) as client:
        answer = await client.get(f"/sessions/{visitor.owner}.{session}/summaries")
    versions: list[object] = answer.raise_for_status().json()["summaries"]
    return versions
