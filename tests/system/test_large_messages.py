"""Large messages: the prompt's budget pushes no message out of it that is not in the summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_client import ChatClient, MemoryLoaded, TurnFinished
from tests.ai_sdk.sockets import visit
from tests.support.ports import until
from tests.support.servers import running, start_site
from tests.system.test_recall import is_folded

#: Nearly the longest message that the page takes.
PASTE = ("The ferry crossed the grey water again, and nobody on the pier looked up. " * 220)[:15_800]


@pytest.mark.timeout(180)
async def test_a_fact_outlives_three_large_pastes(tmp_path: Path) -> None:
    """The pastes fill the prompt long before the window has twelve messages, so they are folded, and the fact, too."""
    with running(start_site(tmp_path, "--workers", "1", STANDIN_DELAY="0", CHAT_TURNS_PER_MINUTE="0")) as site:
        async with ChatClient(site.url, (await visit(site)).token()) as chat:
            session = chat.session("s")
            await chat.ask("s", "hi im bob")
            for text in (PASTE, PASTE, PASTE, "whats my name?"):
                events = [event async for event in chat.send("s", text)]
                assert [event.omitted for event in events if isinstance(event, MemoryLoaded)] == [0]
                await until(lambda: is_folded(session))
            assert isinstance(events[-1], TurnFinished)
            assert "Bob" in events[-1].reply
            assert "Bob" in ((await session.summary()).text or "")
