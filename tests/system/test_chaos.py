"""Many sessions chat while everything is killed at random: acknowledged turns are present once and in order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from chat_client import ChatClient, ChatError, TurnFailed, TurnFinished
from tests.ai_sdk.sockets import Visitor, visit
from tests.support.ports import until
from tests.support.scripted_openai import Reply, Request, ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site

SESSIONS = 200
TURNS = 20
#: The number of sessions that chat at the same time.
AT_ONCE = 50
#: Kills after which, given a turn for each session, messages not yet sent are skipped.
KILLS = 12
VICTIMS = ("web.1", "web.2", "memory.1", "valkey")


@dataclass
class Talk:
    """One session, with its sent messages and those that were acknowledged, ``turns`` at most."""

    visitor: Visitor
    session: str
    acknowledged: list[str] = field(default_factory=list)
    attempts: int = 0
    turns: int = TURNS

    async def say_all(self, enough: asyncio.Event) -> None:
        """Do up to ``turns`` turns, one after another, through every kill."""
        async with ChatClient(self.visitor.site.url, self.visitor.token()) as chat:
            while len(self.acknowledged) < self.turns and not enough.is_set():
                text = f"{self.session} turn {len(self.acknowledged)} attempt {self.attempts}"
                self.attempts += 1
                if await self._say(chat, text):
                    self.acknowledged.append(text)

    async def _say(self, chat: ChatClient, text: str) -> bool:
        """Send ``text`` until it gets a final answer. Returns whether it was remembered."""
        while True:
            try:
                events = [event async for event in chat.send(self.session, text, turn_id=text.replace(" ", "-"))]
            except TurnFailed:
                return False
            except ChatError:  # refused for now: Redis is down, or the session is still busy with this turn
                await asyncio.sleep(0.2)
            else:
                return isinstance(events[-1], TurnFinished) and events[-1].remembered


def turns_of(talks: Sequence[Talk]) -> int:
    """The number of acknowledged turns."""
    return sum(len(talk.acknowledged) for talk in talks)


async def kill_again_and_again(site: Site, talks: Sequence[Talk], seed: int) -> Counter[str]:
    """Kill random processes, which the supervisor restarts. Returns how often each was killed."""
    draw, killed = random.Random(seed), Counter[str]()
    while killed.total() < KILLS or turns_of(talks) <= SESSIONS:
        victim = draw.choice(VICTIMS)
        old = site.kill_child(victim)
        killed[victim] += 1
        await asyncio.to_thread(site.wait_for_new, victim, old, 15)
        await asyncio.sleep(draw.uniform(1, 4))
    return killed


async def answers(memory: httpx.AsyncClient) -> bool:
    """Whether the memory server and its store are up."""
    try:
        return (await memory.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def everything_said(memory: httpx.AsyncClient, visitor: Visitor, session: str) -> list[str]:
    """All messages of a session on the memory server, oldest first."""
    said: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await memory.get(f"/sessions/{visitor.owner}.{session}/messages", params={"limit": 200, **cursor})
        page = answer.raise_for_status().json()
        said = [message["content"] for message in reversed(page["messages"])] + said
        if page["before"] is None:
            return said
        cursor = {"before": page["before"]}


def reply(request: Request) -> Reply:
    """A reply that quotes its message; a fold gets a summary."""
    return Reply(["re: ", request.text] if request.stream else "They talk.", pace=0.01)


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_every_acknowledged_turn_is_remembered_once_and_in_order(
    tmp_path: Path, scripted_openai: ScriptedOpenAI
) -> None:
    """With 200 sessions and random kill -9 of everything, nothing acknowledged is lost or duplicated."""
    scripted_openai.default = reply
    site = start_site(
        tmp_path, OPENAI_BASE_URL=scripted_openai.url, OPENAI_API_KEY="k", CHAT_TURNS_PER_MINUTE="0", CHAT_LEASE="1"
    )
    with running(site):
        visitor = await visit(site)
        talks = [Talk(visitor, f"s{number}") for number in range(SESSIONS)]
        gate, enough = asyncio.Semaphore(AT_ONCE), asyncio.Event()

        async def in_turn(talk: Talk) -> None:
            async with gate:
                await talk.say_all(enough)

        talking = asyncio.gather(*map(in_turn, talks))
        killed = await kill_again_and_again(site, talks, seed=4)
        enough.set()
        await talking
        async with httpx.AsyncClient(
            base_url=site.record()["memory"], trust_env=False, timeout=10 * PATIENCE
        ) as memory:
            await until(lambda: answers(memory), 30)  # it or Valkey may have been killed last
            for talk in talks:
                said = await everything_said(memory, visitor, talk.session)
                assert len(set(said)) == len(said), f"{talk.session} has something twice: {said}"
                asked, answered = said[::2], said[1::2]
                assert answered == [f"re: {text}" for text in asked], f"{talk.session} is torn: {said}"
                kept = [text for text in asked if text in set(talk.acknowledged)]
                assert kept == talk.acknowledged, f"{talk.session} lost something."
    print(f"\n{turns_of(talks)} turns acknowledged while {dict(killed)} were killed")
    assert set(killed) == set(VICTIMS)
