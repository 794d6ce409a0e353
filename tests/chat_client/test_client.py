"""The client on a real site of two workers, as its users see it."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from chat_client import (
    AccessDenied,
    ChatClient,
    ChatError,
    MemoryLoaded,
    ReasoningDelta,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnInProgress,
    TurnStarted,
    TurnStopped,
    Unreachable,
)
from tests.chat_client.reading import first_text, said, text_of
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import Site, free_port


async def test_a_message_is_answered_event_by_event(chat: ChatClient, model: ScriptedOpenAI):
    """The turn starts, its memory is loaded, the reply comes piece by piece, and both are remembered."""
    model.enqueue(Reply("Hello, dear Bob.", pace=0.05))
    started, memory, *deltas, finished = [event async for event in chat.send("trip", "hi im bob")]
    assert isinstance(started, TurnStarted)
    assert started.text == "hi im bob"
    assert memory == MemoryLoaded(None, 0)
    assert len(deltas) > 1
    assert "".join(each.text for each in deltas if isinstance(each, TextDelta)) == "Hello, dear Bob."
    assert finished == TurnFinished("Hello, dear Bob.")
    first, second = (await chat.session("trip").messages()).messages
    assert (first.text, second.text, second.id) == ("hi im bob", "Hello, dear Bob.", started.message_id)


async def test_a_reply_can_be_had_whole(chat: ChatClient, model: ScriptedOpenAI):
    """Many sessions ask at the same time, more than one connection takes."""
    replies = await asyncio.gather(*(chat.ask(f"s{number}", f"hi {number}") for number in range(40)))
    assert replies == [f"You said: hi {number}" for number in range(40)]


async def test_what_the_model_thinks_comes_apart(chat: ChatClient, model: ScriptedOpenAI):
    """Reasoning has events of its own, and is in no reply."""
    model.enqueue(Reply(["<think>", "hm", "</think>", "Yes."]))
    events = [event async for event in chat.send("trip", "right?")]
    assert ReasoningDelta("hm") in events
    assert events[-1] == TurnFinished("Yes.")


async def test_a_turn_has_a_name(chat: ChatClient, elsewhere: ChatClient, model: ScriptedOpenAI):
    """Under the same one, a message is asked and remembered once; with another text, it is refused."""
    assert await chat.ask("trip", "hi", turn_id="t1") == "You said: hi"
    assert await elsewhere.ask("trip", "hi", turn_id="t1") == "You said: hi"
    assert await said(chat, "trip") == ["hi", "You said: hi"]
    with pytest.raises(ChatError, match="different") as refused:
        await chat.ask("trip", "ho", turn_id="t1")
    assert refused.value.code == "turn_conflict"


async def test_a_message_takes_the_place_of_another(chat: ChatClient, model: ScriptedOpenAI):
    """All behind it is withdrawn."""
    await chat.ask("trip", "hi", turn_id="t1")
    await chat.ask("trip", "more")
    assert await chat.ask("trip", "hello", replaces="t1.message") == "You said: hello"
    assert await said(chat, "trip") == ["hello", "You said: hello"]


async def test_a_busy_session_names_its_turn(chat: ChatClient, elsewhere: ChatClient, model: ScriptedOpenAI):
    """So a caller can stop it."""
    model.enqueue(Reply("never", gate=Gate()))
    asking = asyncio.create_task(chat.ask("trip", "hi", turn_id="t1"))
    await model.wait_for_request()
    with pytest.raises(TurnInProgress) as refused:
        await elsewhere.ask("trip", "ho")
    assert refused.value.turn_id == "t1"
    await elsewhere.stop("trip")
    assert await asking == ""


async def test_a_turn_that_fails_raises(chat: ChatClient, model: ScriptedOpenAI):
    """With the site's sentence and code, and with the text that came before."""
    model.enqueue(Reply(status=401))
    with pytest.raises(TurnFailed, match="The model refused the key") as failed:
        await chat.ask("trip", "hi")
    assert (failed.value.code, failed.value.reply) == ("model_refused", "")


async def test_an_answer_is_stopped_where_it_is_read(chat: ChatClient, model: ScriptedOpenAI):
    """Also from inside the loop: what has been said is remembered."""
    model.enqueue(Reply("one two", gate=Gate(), gate_at=1))
    events = []
    async for event in chat.send("trip", "count"):
        events.append(event)
        if isinstance(event, TextDelta):
            await chat.stop("trip")
    assert events[-1] == TurnStopped("one ")
    assert (await said(chat, "trip"))[-1].startswith("one")


async def test_an_answer_is_stopped_that_another_client_reads(
    chat: ChatClient, elsewhere: ChatClient, model: ScriptedOpenAI
):
    """A client that has not asked can stop, and without an answer there is nothing to stop."""
    await elsewhere.stop("trip")
    model.enqueue(Reply("one two", gate=Gate(), gate_at=1))
    async with aclosing(chat.send("trip", "count")) as events:
        assert await first_text(events) == "one "
        await elsewhere.stop("trip")
        assert [event async for event in events] == [TurnStopped("one ")]


async def test_an_answer_is_stopped_whose_loop_was_just_left(chat: ChatClient, model: ScriptedOpenAI):
    """The request is still there then, and its connection is closed behind it."""
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=1))
    async for event in chat.send("trip", "go"):
        if isinstance(event, TextDelta):
            break
    await chat.stop("trip")
    assert await said(chat, "trip") == ["go", "half "]


async def test_an_answer_goes_on_without_a_reader(chat: ChatClient, elsewhere: ChatClient, model: ScriptedOpenAI):
    """It is resumed from its start, with the message that it answers, also after its end."""
    gate = Gate()
    model.enqueue(Reply("one two", gate=gate, gate_at=1))
    async with aclosing(chat.send("trip", "count", turn_id="t1")) as events:
        assert await first_text(events) == "one "
    gate.release()
    started, *_, finished = [event async for event in elsewhere.resume("trip")]
    assert isinstance(started, TurnStarted)
    assert (started.turn_id, started.text) == ("t1", "count")
    assert finished == TurnFinished("one two")
    assert await text_of(chat.resume("trip")) == "one two"
    assert [event async for event in chat.resume("nothing-here")] == []


async def test_a_cancelled_loop_leaves_nothing_open(chat: ChatClient, model: ScriptedOpenAI):
    """No task and no connection stays; the next message opens another."""
    tasks = asyncio.all_tasks()
    model.enqueue(Reply("one two", gate=(gate := Gate()), gate_at=1))
    asking = asyncio.create_task(chat.ask("trip", "count"))
    await gate.reached()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: asyncio.sleep(0, asyncio.all_tasks() == tasks))
    gate.release()
    assert await text_of(chat.resume("trip")) == "one two"


async def test_a_left_loop_disturbs_no_other(chat: ChatClient, model: ScriptedOpenAI):
    """Two sessions share a connection; one is left."""
    gates = [Gate(), Gate()]
    model.enqueue(*[Reply("one two", gate=gate, gate_at=1) for gate in gates])
    async with aclosing(chat.send("kept", "count")) as kept:
        await first_text(kept)
        async with aclosing(chat.send("left", "count")) as left:
            await first_text(left)
        for gate in gates:
            gate.release()
        assert await text_of(kept) == "two"


async def test_an_answer_is_regenerated(chat: ChatClient, model: ScriptedOpenAI):
    """The last one, or one that is named by its own id or by that of its message, with all behind it."""
    model.enqueue("one", "two", "three", "four", "five")
    await chat.ask("trip", "first", turn_id="t1")
    await chat.ask("trip", "second", turn_id="t2")
    assert await text_of(chat.regenerate("trip")) == "three"
    assert await said(chat, "trip") == ["first", "one", "second", "three"]
    assert await text_of(chat.regenerate("trip", "t1.reply")) == "four"
    assert await said(chat, "trip") == ["first", "four"]
    (message, _) = (await chat.session("trip").messages()).messages
    assert await text_of(chat.regenerate("trip", message.id)) == "five"
    with pytest.raises(ChatError, match="no message") as refused:
        await text_of(chat.regenerate("empty"))
    assert refused.value.code == "unknown_message"


async def test_a_memory_is_watched(chat: ChatClient, elsewhere: ChatClient, model: ScriptedOpenAI):
    """It comes at once, and whenever it has changed."""
    async with aclosing(elsewhere.watch("trip")) as memories:
        assert (await anext(memories)).messages == 0
        await chat.ask("trip", "hi")
        assert (await anext(memories)).messages == 2
        model.enqueue("Someone says hi.")
        await chat.session("trip").fold("2")
        async for memory in memories:
            if memory.folded == 2:
                break
        assert memory.context == "Someone says hi."


async def test_sessions_are_listed_and_searched_page_by_page(chat: ChatClient, model: ScriptedOpenAI):
    """All of them, however few come at a time."""
    for name in ("a", "b", "c"):
        await chat.ask(name, f"hello {name}")
    assert [each.id async for each in chat.sessions(limit=1)] == ["c", "b", "a"]
    assert [each.id async for each in chat.sessions("hello b")] == ["b"]
    found = [each async for each in chat.search("hello") if each.where == "message"]
    assert {each.session for each in found} == {"a", "b", "c"}


async def test_sessions_are_taken_along(chat: ChatClient, model: ScriptedOpenAI):
    """An export of all sessions can be imported again, once."""
    await chat.ask("trip", "hi")
    exported = await chat.export()
    assert len(json.loads(exported)["sessions"]) == 1
    await chat.session("trip").delete()
    assert (await chat.import_file(exported)).sessions == 1
    assert (await chat.import_file(exported)).here == 1
    assert "hi" in await chat.export("markdown")


async def test_share_links_are_listed_and_revoked(chat: ChatClient, model: ScriptedOpenAI):
    """Those of one session, and those of all."""
    await chat.ask("trip", "hi")
    link = await chat.session("trip").share()
    assert "/shared/" in link.url
    assert [each.id for each in await chat.shares()] == [link.id]
    assert [each.id for each in (await chat.session("trip").shares()).links] == [link.id]
    await chat.revoke_share(link.id)
    assert await chat.shares() == []


async def test_a_ticket_is_for_a_browser(chat: ChatClient):
    """It has the time for which it is good."""
    ticket = await chat.ticket()
    assert ticket.ticket
    assert ticket.expires_in == 60


async def test_a_token_that_is_not_accepted_raises(site: Site):
    """On both ways, with the site's sentence."""
    async with ChatClient(site.url, "forged") as chat:
        with pytest.raises(AccessDenied, match="was not issued by this site"):
            await chat.ask("trip", "hi")
        with pytest.raises(AccessDenied) as refused:
            await chat.session("trip").summary()
    assert refused.value.status == 401


async def test_a_site_that_was_never_reached_raises_at_once():
    """A wrong address needs no patience."""
    async with ChatClient(f"http://127.0.0.1:{free_port()}", "t", patience=3600) as chat:
        with pytest.raises(Unreachable, match="No websocket could be opened"):
            await chat.ask("trip", "hi")


async def test_a_closed_client_says_so(chat: ChatClient, model: ScriptedOpenAI):
    """Nothing is opened any more."""
    await chat.ask("trip", "hi")
    await chat.close()
    with pytest.raises(ChatError, match="has been closed"):
        await chat.ask("trip", "hi")
