"""The promise of the product: old facts are still known, because the summary contains them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_client import ChatClient, Session
from tests.ai_sdk.sockets import visit
from tests.support.ports import until
from tests.support.servers import running, start_site

SMALL_TALK = ("ok", "what is 2+2?", "thanks", "I like jazz", "tell me something", "nice weather today", "go on")


@pytest.mark.timeout(180)
async def test_a_fact_from_turn_1_is_recalled_in_turn_40(tmp_path: Path) -> None:
    """The first message left the window long ago; three or more folds carried its fact on."""
    with running(start_site(tmp_path, STANDIN_DELAY="0", CHAT_TURNS_PER_MINUTE="0")) as site:
        async with ChatClient(site.url, (await visit(site)).token()) as chat:
            session = chat.session("s")
            await chat.ask("s", "hi im bob")
            for turn in range(2, 40):
                await chat.ask("s", SMALL_TALK[turn % len(SMALL_TALK)])
                await until(lambda: is_folded(session))  # people type more slowly than this test
            assert "Bob" in await chat.ask("s", "whats my name?")
            summary = await session.summary()
            assert summary.folded > 1
            assert "Bob" in (summary.text or "")
            assert summary.tokens > 0
            assert len((await session.versions()).versions) >= 3


async def is_folded(session: Session) -> bool:
    """Whether no fold is due."""
    return (await session.summary()).state == "idle"
