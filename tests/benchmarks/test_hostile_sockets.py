"""The visitor who opens websockets and never reads."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import stack
from benchmarks.hostile_sockets import REQUESTS, answered, requesting
from tests.support.scripted_openai import ScriptedOpenAI


async def test_the_answer_that_the_python_client_has_written_is_requested(
    tmp_path: Path, scripted_openai: ScriptedOpenAI
) -> None:
    """It is remembered, and its owner's sockets would read it, as far as the limit on replays allows."""
    scripted_openai.enqueue("a long answer")
    with stack.product(tmp_path, scripted_openai.url) as site:
        token = stack.token(site)
        await answered(site, token)
        async with stack.client(site, token) as chat:
            page = await chat.session("s").messages()
        async with requesting(site, token) as socket:
            answers = [json.loads(await socket.recv())["type"] for _ in range(REQUESTS)]
    assert [message.parts[0].text for message in page.messages] == ["tell me all", "a long answer"]
    assert "start" in answers
