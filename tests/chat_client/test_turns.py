"""Turns whose connection is lost, or whose worker is killed, in mid-answer: each character once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from chat_client import (
    ChatClient,
    Event,
    Restarted,
    TextDelta,
    TurnFinished,
    TurnStarted,
    TurnStopped,
    Unreachable,
)
from tests.ai_sdk.node import Relay
from tests.ai_sdk.sockets import Visitor, asleep
from tests.chat_client.reading import first_text, said, text_of
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import Site


async def worker_of(events: AsyncGenerator[Event]) -> int:
    """The process that answers; the events after the first are still to be read."""
    started = await anext(events)
    assert isinstance(started, TurnStarted)
    return started.pid


async def connect_apart(chat: ChatClient, pid: int) -> None:
    """Have the client connect to another worker than the process ``pid``, which is suspended meanwhile."""
    with asleep(pid):
        assert [event async for event in chat.resume("nothing-here")] == []


@asynccontextmanager
async def killed(site: Site, pid: int) -> AsyncIterator[None]:
    """Kill the process ``pid`` (kill -9); after the block, wait until it is replaced."""
    name = next(name for name, each in site.pids().items() if each == pid)
    os.kill(pid, signal.SIGKILL)
    yield
    await asyncio.to_thread(site.wait_for_new, name, pid)


@pytest.mark.parametrize("begins", ["half ", "other "])
async def test_a_killed_worker_shows_each_character_once(
    chat: ChatClient, visitor: Visitor, model: ScriptedOpenAI, begins: str
):
    """Another worker answers: the caller reads on if it says the same, and learns if it does not."""
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=1), f"{begins}of it")
    async with aclosing(chat.send("trip", "go", turn_id="t1")) as events:
        pid = await worker_of(events)
        assert await first_text(events) == "half "
        async with killed(visitor.site, pid):
            rest = [event async for event in events]
    assert rest[-1] == TurnFinished(f"{begins}of it")
    assert (Restarted() in rest) == (begins == "other ")
    text = "".join(event.text for event in rest if isinstance(event, TextDelta))
    assert text == ("of it" if begins == "half " else "other of it")
    assert [event.turn_id for event in rest if isinstance(event, TurnStarted)] == ["t1"] * (begins == "other ")
    assert await said(chat, "trip") == ["go", f"{begins}of it"]


async def test_a_reader_on_the_other_worker_survives_the_kill(
    chat: ChatClient, elsewhere: ChatClient, visitor: Visitor, model: ScriptedOpenAI
):
    """Its connection is closed, it resumes, and reads the answer that is remembered."""
    first, second = (visitor.site.pids()[name] for name in ("web.1", "web.2"))
    await connect_apart(chat, second)
    await connect_apart(elsewhere, first)
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=1), "half of it")
    async with aclosing(chat.send("trip", "go")) as events, aclosing(elsewhere.resume("trip")) as others:
        assert await worker_of(events) == first
        assert await first_text(events) == "half "
        assert await first_text(others) == "half "
        async with killed(visitor.site, first):
            assert (await text_of(others), await text_of(events)) == ("of it", "of it")


async def test_a_lost_connection_is_opened_again(behind_relay: ChatClient, relay: Relay, model: ScriptedOpenAI):
    """The caller notices nothing, and the model is asked once."""
    gate = Gate()
    model.enqueue(Reply("one two three", gate=gate, gate_at=1))
    async with aclosing(behind_relay.send("trip", "count")) as events:
        assert await first_text(events) == "one "
        relay.cut()
        gate.release()
        assert await text_of(events) == "two three"
    assert len(model.requests) == 1
    assert await said(behind_relay, "trip") == ["count", "one two three"]


async def test_a_send_that_may_not_have_arrived_is_the_same_turn(
    behind_relay: ChatClient, relay: Relay, model: ScriptedOpenAI
):
    """Cut before anything has come, it is sent again, and remembered once."""
    await behind_relay.ask("trip", "hi")
    model.enqueue(Reply("one", gate=(gate := Gate())))
    asking = asyncio.create_task(behind_relay.ask("trip", "count"))
    await gate.reached()
    relay.cut()
    gate.release()
    assert await asking == "one"
    assert await said(behind_relay, "trip") == ["hi", "You said: hi", "count", "one"]


async def test_several_sessions_survive_the_loss_of_their_connection(
    behind_relay: ChatClient, relay: Relay, model: ScriptedOpenAI
):
    """Each goes on with its own answer, on one new connection."""
    gates = [Gate() for _ in range(3)]
    model.default = lambda request: Reply(f"{request.text} done", gate=gates[int(request.text)], gate_at=1)
    asking = [asyncio.create_task(behind_relay.ask(f"s{number}", str(number))) for number in range(3)]
    for gate in gates:
        await gate.reached()
    relay.cut()
    for gate in gates:
        gate.release()
    assert await asyncio.gather(*asking) == ["0 done", "1 done", "2 done"]


async def test_a_stop_reaches_an_answer_whose_connection_is_lost(
    behind_relay: ChatClient, relay: Relay, model: ScriptedOpenAI
):
    """It is sent on the next connection."""
    model.enqueue(Reply("one two", gate=Gate(), gate_at=1))
    async with aclosing(behind_relay.send("trip", "count")) as events:
        await first_text(events)
        relay.cut()
        await behind_relay.stop("trip")
        assert [event async for event in events] == [TurnStopped("one ")]


async def test_a_watch_goes_on_after_a_loss(behind_relay: ChatClient, relay: Relay, model: ScriptedOpenAI):
    """Only what has changed comes."""
    async with aclosing(behind_relay.watch("trip")) as memories:
        assert (await anext(memories)).messages == 0
        relay.cut()
        await behind_relay.ask("trip", "hi")
        assert (await anext(memories)).messages == 2


async def test_patience_ends(relay: Relay, visitor: Visitor, model: ScriptedOpenAI):
    """A site that stays away raises."""
    async with ChatClient(f"http://127.0.0.1:{relay.port}", visitor.token(), patience=0) as chat:
        model.enqueue(Reply("one two", gate=Gate(), gate_at=1))
        async with aclosing(chat.send("trip", "count")) as events:
            await first_text(events)
            relay.cut()
            with pytest.raises(Unreachable, match="was lost"):
                await text_of(events)
