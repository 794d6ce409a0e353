"""Several processes of the memory server behind one port: one of them is killed while people talk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import httpx

from tests.ai_sdk.sockets import visit
from tests.support.ports import until
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, running, start_site
from tests.system.test_chaos import Talk, everything_said, reply, turns_of

TURNS = 8
SERVED = re.compile(r'motorhead_requests_total\{process="(memory\.\d)",call="POST /sessions/\*/memory",status="200"\}')


async def has_turns(talks: Sequence[Talk], count: int) -> bool:
    """Whether at least ``count`` turns were acknowledged."""
    return turns_of(talks) >= count


async def both_serve(url: str) -> bool:
    """Whether both processes have answered appends since they started; one more goes to either of them."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10 * PATIENCE) as memory:
        (await memory.post("/sessions/beside/memory", json={"messages": []})).raise_for_status()
        return set(SERVED.findall((await memory.get("/metrics")).text)) == {"memory.1", "memory.2"}


async def test_turns_go_on_while_processes_of_the_memory_server_are_killed(
    tmp_path: Path, scripted_openai: ScriptedOpenAI
) -> None:
    """Both take part and are started again, one scrape has both, and no turn is lost, torn or there twice."""
    scripted_openai.default = reply
    settings = {"OPENAI_BASE_URL": scripted_openai.url, "OPENAI_API_KEY": "k", "CHAT_TURNS_PER_MINUTE": "0"}
    with running(start_site(tmp_path, "--memory-workers", "2", "--workers", "1", **settings)) as site:
        visitor = await visit(site)
        talks = [Talk(visitor, f"s{number}", turns=TURNS) for number in range(12)]
        talking = asyncio.gather(*(talk.say_all(asyncio.Event()) for talk in talks))
        for number, victim in enumerate(("memory.1", "memory.2"), 1):
            await until(partial(has_turns, talks, number * len(talks)), 60)
            await asyncio.to_thread(site.wait_for_new, victim, site.kill_child(victim), 15)
        await talking
        url = site.record()["memory"]
        await until(partial(both_serve, url), 30)
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10 * PATIENCE) as memory:
            said = [await everything_said(memory, visitor, talk.session) for talk in talks]
    for talk, messages in zip(talks, said, strict=True):
        assert messages[1::2] == [f"re: {text}" for text in messages[::2]]
        assert len(set(messages)) == len(messages)
        assert [text for text in messages[::2] if text in talk.acknowledged] == talk.acknowledged
