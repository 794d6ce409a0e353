"""Large messages: the prompt's budget pushes no message out of it that is not in the summary."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        visitor = await visit(site)
        async with visitor.socket() as socket:
            await socket.ask("s", "hi im bob")
            for _ in range(3):
                answer = await socket.ask("s", PASTE)
                assert answer.memory.get("omitted", 0) == 0
                await until(lambda: is_folded(visitor, "s"))
            answer = await socket.ask("s", "whats my name?")
        assert answer.memory.get("omitted", 0) == 0
        assert "Bob" in answer.text
        assert "Bob" in (await visitor.memory("s"))["context"]
