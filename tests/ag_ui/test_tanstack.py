"""TanStack AI's own client on a websocket (npm ``@tanstack/ai-client``), unchanged, against a whole site."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ag_ui.node import AgUi, Shown, ends, kinds, texts
from tests.ai_sdk.node import Relay
from tests.ai_sdk.sockets import Visitor
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI

pytestmark = pytest.mark.node


@pytest.fixture
async def chat(client: AgUi, visitor: Visitor, relay: Relay) -> AgUi:
    """The clients, with a chat ``s`` of the visitor."""
    await begin(client, visitor, relay)
    return client


async def begin(client: AgUi, visitor: Visitor, relay: Relay, chat: str = "s") -> None:
    protocols = ["ag-ui.v1", f"bearer.{visitor.token()}"]
    await client.tell("tanstack", chat, url=f"ws://127.0.0.1:{relay.port}/ws/v1/chat", protocols=protocols)


def is_half(text: str) -> Callable[[Shown], bool]:
    def holds(shown: Shown) -> bool:
        return bool(shown["messages"]) and shown["messages"][-1]["text"] == text

    return holds


def is_over(shown: Shown) -> bool:
    return bool(ends(shown)) and shown["status"] in {"ready", "error"}


async def remembered(visitor: Visitor, session: str = "s") -> list[str]:
    return [message["content"] for message in (await visitor.memory(session))["messages"]][::-1]


async def test_a_message_is_streamed_and_finished(chat: AgUi, model: ScriptedOpenAI):
    """With one line of set-up, an answer is streamed, and says what it is based on and who gives it."""
    model.enqueue("Hello, dear Bob.")
    shown = await chat.ask("s", "hi im bob")
    assert texts(shown) == ["hi im bob", "Hello, dear Bob."]
    assert kinds(shown) == [
        *("RUN_STARTED", "STATE_SNAPSHOT", "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"),
        *("STATE_DELTA", "RUN_FINISHED"),
    ]
    started = shown["events"][0]
    assert started["metadata"]["servedBy"]["worker"].startswith("web")
    assert shown["messages"][-1]["id"] == f"{started['runId']}.reply"


async def test_turns_follow_one_another_on_one_socket(chat: AgUi, visitor: Visitor, model: ScriptedOpenAI):
    """The second turn finds the first one remembered once, although the client sends its whole history."""
    await chat.ask("s", "hi im bob")
    shown = await chat.ask("s", "whats my name?")
    assert texts(shown)[2:] == ["whats my name?", "You said: whats my name?"]
    told = [message["content"] for message in model.requests[-1].messages]
    assert told[1:] == ["hi im bob", "You said: hi im bob", "whats my name?"]
    assert len(await remembered(visitor)) == 4


async def test_reasoning_is_shown_apart(chat: AgUi, visitor: Visitor, model: ScriptedOpenAI):
    """Reasoning is a part of its own, and is not remembered."""
    model.enqueue(Reply(["<think>Who is ", "Bob?</think>\n\n", "Hello ", "Bob."]))
    shown = await chat.ask("s", "hi im bob")
    assert shown["messages"][-1]["thinking"] == "Who is Bob?"
    assert await remembered(visitor) == ["hi im bob", shown["messages"][-1]["text"]] == ["hi im bob", "Hello Bob."]


async def test_a_dropped_socket_is_resumed_behind_the_last_event(
    chat: AgUi, relay: Relay, visitor: Visitor, model: ScriptedOpenAI
):
    """The client reconnects unasked and goes on where it was: no event comes twice."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await chat.tell("send", "s", text="tell me")
    await chat.until("s", is_half("the whole "))
    relay.cut()
    gate.release()
    shown = await chat.until("s", is_over)
    assert texts(shown) == ["tell me", "the whole answer"] == await remembered(visitor)
    assert [event["type"] for event in shown["events"]].count("TEXT_MESSAGE_START") == 1
    assert (shown["error"], len(ends(shown))) == (None, 1)


async def test_a_killed_worker_loses_nothing(chat: AgUi, relay: Relay, visitor: Visitor, model: ScriptedOpenAI):
    """Another worker starts the answer again: the client drops what it had, and shows what is remembered."""
    model.enqueue(Reply("lost words here", gate=Gate(), gate_at=2), "the whole answer")
    await chat.tell("send", "s", text="tell me")
    half = await chat.until("s", is_half("lost words "))
    served_by = half["events"][0]["metadata"]["servedBy"]
    assert visitor.site.kill_child(served_by["worker"]) == served_by["pid"]
    shown = await chat.until("s", is_over)
    assert texts(shown) == ["tell me", "the whole answer"] == await remembered(visitor)
    assert (shown["error"], len(ends(shown))) == (None, 1)
    assert "MESSAGES_SNAPSHOT" in kinds(shown)


async def test_a_stop_reaches_the_server(chat: AgUi, visitor: Visitor, model: ScriptedOpenAI):
    """The answer so far is remembered, with its mark, and the model is not read any more."""
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=1))
    await chat.tell("send", "s", text="tell me")
    await chat.until("s", is_half("half "))
    await chat.tell("stop", "s")
    await model.wait_for_disconnect()
    await chat.tell("send", "s", text="and now?")
    await chat.until("s", is_half("You said: and now?"))
    assert (await remembered(visitor))[1] == "half \n\n[stopped]"


async def test_a_stopped_answer_is_given_again_at_once(chat: AgUi, visitor: Visitor, model: ScriptedOpenAI):
    """The new answer takes the place of the stopped one."""
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=2), "a better answer")
    await chat.tell("send", "s", text="tell me")
    await chat.until("s", is_half("half an "))
    await chat.tell("stop", "s")
    await chat.tell("reload", "s")
    await chat.until("s", lambda shown: is_half("a better answer")(shown) and shown["status"] == "ready")
    assert await remembered(visitor) == ["tell me", "a better answer"]


async def test_an_error_is_shown_in_words(chat: AgUi, model: ScriptedOpenAI):
    """A turn that fails ends with one error, and the next one is answered."""
    model.enqueue(Reply(status=401))
    shown = await chat.ask("s", "hi")
    assert [event["type"] for event in ends(shown)] == ["RUN_ERROR"]
    assert shown["status"] == "error"
    assert ends(shown)[0]["code"] == "model_refused"
    assert shown["error"] == ends(shown)[0]["message"]
    assert texts(await chat.ask("s", "again"))[-1] == "You said: again"


async def test_an_answer_is_replaced_by_another(chat: AgUi, visitor: Visitor, model: ScriptedOpenAI):
    """``reload`` takes it away and asks again, although the message has the client's own id."""
    await chat.ask("s", "hi im bob")
    model.enqueue("first", "second")
    await chat.ask("s", "whats my name?")
    await chat.tell("reload", "s")
    shown = await chat.until("s", is_half("second"))
    shown = await chat.until("s", lambda shown: len(ends(shown)) == 3 and shown["status"] == "ready")
    assert texts(shown) == ["hi im bob", "You said: hi im bob", "whats my name?", "second"]
    assert await remembered(visitor) == texts(shown)


async def test_a_replaced_answer_survives_the_worker_that_replaces_it(
    chat: AgUi, visitor: Visitor, model: ScriptedOpenAI
):
    """Until then the old one stands; then there is one answer."""
    await chat.ask("s", "hi im bob")
    model.enqueue(Reply("lost words here", gate=Gate(), gate_at=2), "the whole answer")
    await chat.tell("reload", "s")
    half = await chat.until("s", is_half("lost words "))
    assert await remembered(visitor) == ["hi im bob", "You said: hi im bob"]
    visitor.site.kill_child(worker_of(half))
    shown = await chat.until("s", lambda shown: len(ends(shown)) == 2 and shown["status"] == "ready")
    assert texts(shown) == ["hi im bob", "the whole answer"] == await remembered(visitor)


def worker_of(shown: Shown) -> str:
    """The worker that gives the latest answer."""
    started = [event for event in shown["events"] if event["type"] == "RUN_STARTED"]
    worker: str = started[-1]["metadata"]["servedBy"]["worker"]
    return worker


async def test_a_run_is_joined_after_a_reload(
    chat: AgUi, client: AgUi, relay: Relay, visitor: Visitor, model: ScriptedOpenAI
):
    """A page that has nothing gets the session's messages and the whole answer, and then the end of the socket."""
    await chat.ask("s", "hi im bob")
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await chat.tell("send", "s", text="tell me")
    half = await chat.until("s", is_half("the whole "))
    run = half["events"][-1]["messageId"].removesuffix(".reply")
    await begin(client, visitor, relay)
    await client.tell("join", "s", run=run)
    joined = await client.until("s", lambda shown: shown["status"] == "joined" and len(shown["events"]) > 4)
    gate.release()
    joined = await client.until("s", lambda shown: shown["status"] == "complete")
    snapshot = next(event for event in joined["events"] if event["type"] == "MESSAGES_SNAPSHOT")
    assert [message["content"] for message in snapshot["messages"]] == ["hi im bob", "You said: hi im bob", "tell me"]
    deltas = [event["delta"] for event in joined["events"] if event["type"] == "TEXT_MESSAGE_CONTENT"]
    assert "".join(deltas) == "the whole answer"
    assert len(ends(joined)) == 1


async def test_an_unknown_run_cannot_be_joined(chat: AgUi):
    """The socket is closed, with nothing in between, so that the client keeps the messages that it has."""
    await chat.tell("join", "s", run="no-such-run")
    shown = await chat.until("s", lambda shown: shown["status"] == "refused")
    assert (shown["events"], "4008" in shown["error"]) == ([], True)


async def test_a_client_without_access_is_refused_in_words(client: AgUi, relay: Relay):
    """The client shows the sentence, and does not come again."""
    await client.tell(
        "tanstack", "s", url=f"ws://127.0.0.1:{relay.port}/ws/v1/chat", protocols=["ag-ui.v1", "bearer.x"]
    )
    shown = await client.ask("s", "hi")
    assert shown["error"] == ends(shown)[0]["message"]
    assert ends(shown)[0]["code"] == "access_denied"
