"""The project's client in JavaScript (`static/chat/client.js`) on Node, against a whole site."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ai_sdk.node import AiSdk, Relay, Snapshot, ai_sdk
from tests.ai_sdk.sockets import Visitor, asleep
from tests.support.node import NODE
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import REPOSITORY, Site, clean_environment, free_port
from tests.support.staff import manage

pytestmark = pytest.mark.node

CLIENT = REPOSITORY / "static" / "chat" / "client.js"
GUIDE = (REPOSITORY / "docs" / "javascript-client.md").read_text()


@pytest.fixture
async def relay(site: Site) -> AsyncIterator[Relay]:
    """A relay to the site that can be cut."""
    async with Relay(urlsplit(site.url).port or 0).open() as relay:
        yield relay


@pytest.fixture
async def client(visitor: Visitor, relay: Relay) -> AsyncIterator[AiSdk]:
    """The client, with a token of the visitor, behind the relay."""
    async with client_at(f"http://127.0.0.1:{relay.port}", token=visitor.token()) as client:
        yield client


def client_at(url: str, **options: Any) -> Any:
    return ai_sdk("chat_client.mjs", url=url, **options)


async def call(client: AiSdk, verb: str, *args: Any, session: str = "") -> Any:
    """The result of a call of the HTTP API, or the error that it throws."""
    client.chats.pop("call", None)
    await client.tell("call", chat="call", session=session, verb=verb, args=list(args))
    shown = await client.until("call", is_over)
    return shown["result"] if shown["status"] == "over" else shown["error"]


def is_over(shown: Snapshot) -> bool:
    return shown["status"] in {"over", "failed"}


def reads(text: str) -> Callable[[Snapshot], bool]:
    return lambda shown: shown["text"] == text


def kinds(shown: Snapshot) -> list[str]:
    """The types of the events; adjacent ones of the same type count once."""
    found = [event["type"] for event in shown["events"]]
    return [kind for place, kind in enumerate(found) if not place or found[place - 1] != kind]


def last(shown: Snapshot) -> Snapshot:
    event: Snapshot = shown["events"][-1]
    return event


async def remembered(visitor: Visitor) -> list[str]:
    return [message["content"] for message in (await visitor.memory("s"))["messages"]][::-1]


async def ask(client: AiSdk, text: str, **options: Any) -> Snapshot:
    """Send a message and wait for the end of its answer."""
    client.chats.pop("s", None)
    await client.tell("send", chat="s", text=text, options=options)
    return await client.until("s", is_over)


async def test_the_events_of_a_turn_come_in_order(client: AiSdk, model: ScriptedOpenAI):
    """They begin with the worker and the memory, and end with the whole reply."""
    model.enqueue(Reply(["<think>Who is ", "Bob?</think>\n\n", "Hello ", "Bob."]))
    shown = await ask(client, "hi im bob", turnId="t1")
    assert kinds(shown) == ["turn-started", "memory-loaded", "reasoning-delta", "text-delta", "turn-finished"]
    assert (shown["events"][0]["turnId"], shown["events"][0]["messageId"]) == ("t1", "t1.reply")
    assert shown["thinking"] == "Who is Bob?"
    assert last(shown) == {"type": "turn-finished", "reply": "Hello Bob.", "remembered": True}
    assert shown["text"] == "Hello Bob."


async def test_a_cut_connection_loses_and_repeats_nothing(
    client: AiSdk, relay: Relay, visitor: Visitor, model: ScriptedOpenAI
):
    """The caller gets each character once, also where the connection is lost again and again."""
    gates = [Gate(), Gate()]
    model.enqueue(Reply(["<think>hm</think>one ", "two ", "three"], gate=gates[0], gate_at=2))
    await client.tell("send", chat="s", text="count")
    await client.until("s", reads("one two "))
    for _ in range(3):
        relay.cut()
        await asyncio.sleep(0.05)
    gates[0].release()
    shown = await client.until("s", is_over)
    assert "restarted" not in kinds(shown)
    assert (shown["thinking"], shown["text"]) == ("hm", "one two three") == (shown["thinking"], last(shown)["reply"])
    assert await remembered(visitor) == ["count", "one two three"]
    assert len(model.requests) == 1


@pytest.mark.parametrize("second", ["lost words, and more", "something else"], ids=["same", "other"])
async def test_a_killed_worker_loses_nothing(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI, second: str):
    """Another worker answers. Where it begins as the first one did, nothing is repeated; otherwise the text is void."""
    model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2), second)
    await client.tell("send", chat="s", text="tell me")
    half = await client.until("s", reads("lost words"))
    assert visitor.site.kill_child(half["events"][0]["worker"]) == half["events"][0]["pid"]
    shown = await client.until("s", is_over)
    assert ("restarted" in kinds(shown)) == (second == "something else")
    assert shown["text"] == last(shown)["reply"] == second
    assert await remembered(visitor) == ["tell me", second]


async def test_a_worker_killed_while_answering_again(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """The old answer is replaced once."""
    await ask(client, "tell me")
    model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2), "better")
    client.chats.pop("s")
    await client.tell("regenerate", chat="s")
    half = await client.until("s", reads("lost words"))
    visitor.site.kill_child(half["events"][0]["worker"])
    assert last(await client.until("s", is_over))["reply"] == "better"
    assert await remembered(visitor) == ["tell me", "better"]


@pytest.mark.parametrize("named", ["1", "2", "t1.message", "t1.reply"])
async def test_an_earlier_message_is_answered_again(client: AiSdk, visitor: Visitor, named: str):
    """It is named by its id or number, or by that of its reply. All behind it is withdrawn."""
    await ask(client, "hi im bob", turnId="t1")
    await ask(client, "whats my name?", turnId="t2")
    client.chats.pop("s")
    await client.tell("regenerate", chat="s", message=named)
    assert last(await client.until("s", is_over))["reply"] == "You said: hi im bob"
    assert await remembered(visitor) == ["hi im bob", "You said: hi im bob"]


async def test_a_silent_connection_is_replaced(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """As that of a worker that hangs: the client asks for a sign of life, then connects to another one."""
    gate = Gate()
    model.enqueue(Reply("one two", gate=gate, gate_at=1))
    await client.tell("send", chat="s", text="count")
    half = await client.until("s", reads("one "))
    with asleep(half["events"][0]["pid"]):
        gate.release()
        shown = await client.until("s", is_over)
    assert shown["text"] == last(shown)["reply"]
    assert await remembered(visitor) == ["count", shown["text"]]


async def test_an_answer_can_be_left_resumed_and_stopped(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """Also by another client of the same owner, which gets the question, too."""
    gate = Gate()
    model.enqueue(Reply("half an answer", gate=gate, gate_at=2))
    await client.tell("send", chat="s", text="tell me")
    await client.until("s", reads("half an "))
    async with client_at(visitor.site.url, token=visitor.token()) as other:
        await other.tell("resume", chat="s", to="s")
        shown = await other.until("s", reads("half an "))
        assert shown["events"][0]["text"] == "tell me"
        await other.tell("stop", chat="s")
        assert last(await other.until("s", is_over)) == {
            "type": "turn-stopped", "reply": "half an ", "remembered": True,
        }  # fmt: skip
    assert last(await client.until("s", is_over))["type"] == "turn-stopped"
    assert (await remembered(visitor))[0] == "tell me"


async def test_a_client_that_has_sent_nothing_can_stop(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """As after a reload."""
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=2))
    await client.tell("send", chat="s", text="tell me")
    await client.until("s", reads("half an "))
    async with client_at(visitor.site.url, token=visitor.token()) as other:
        await other.tell("stop", chat="s")
        assert last(await client.until("s", is_over))["type"] == "turn-stopped"


async def test_nothing_to_resume_is_no_error(client: AiSdk):
    """There are no events."""
    await client.tell("resume", chat="nowhere", to="s")
    shown = await client.until("s", is_over)
    assert (shown["status"], shown["events"]) == ("over", [])


async def test_a_message_is_edited(client: AiSdk, visitor: Visitor):
    """The one that replaces it has its place, and what was behind it is gone."""
    await ask(client, "one", turnId="t1")
    await ask(client, "two")
    await ask(client, "other", replaces="t1.message")
    assert await remembered(visitor) == ["other", "You said: other"]


async def test_the_memory_is_watched_over_a_lost_connection(client: AiSdk, relay: Relay):
    """It comes at once, and whenever it changes."""
    await client.tell("watch", chat="s", to="memory")
    await client.until("memory", lambda shown: bool(shown["events"]) and last(shown)["messages"] == 0)
    relay.cut()
    await ask(client, "hi")
    shown = await client.until("memory", lambda shown: last(shown)["messages"] == 2)
    assert last(shown) == {"type": "memory-changed", "messages": 2, "folded": 0, "fold": "idle"}
    await client.tell("leave")
    assert (await client.until("memory", is_over))["status"] == "over"


async def test_an_error_has_a_code_and_a_sentence(client: AiSdk, model: ScriptedOpenAI):
    """Whether the turn failed, the request was refused, or a call of the API."""
    model.enqueue(Reply(status=401))
    failed, refused = await ask(client, "hi"), await ask(client, " ")
    problem = await call(client, "details", session="nowhere")
    found = [failed["error"], refused["error"], problem]
    assert [error["code"] for error in found] == ["model_refused", "invalid_text", "unknown_session"]
    assert all(error["sentence"] == error["message"] and error["sentence"].endswith(".") for error in found)
    assert (problem["details"]["status"], problem["retryable"], problem["retryAfter"]) == (404, False, None)


async def test_who_is_not_accepted_is_told_why(site: Site):
    """On the websocket and over HTTP, and without trying again."""
    async with client_at(site.url, token="nonsense") as client:
        assert (await ask(client, "hi"))["error"]["code"] == "access_denied"
        assert (await call(client, "sessions"))["code"] == "access_denied"


async def test_a_limit_passes(site: Site):
    """The same message may be sent again later, over the websocket, too."""
    token = manage(site, "issue_token", "--turns-per-minute", "1").strip()
    async with client_at(site.url, token=token) as client:
        assert last(await ask(client, "hi"))["reply"] == "You said: hi"
        refused = (await ask(client, "and again"))["error"]
        assert (refused["code"], refused["retryable"]) == ("too_many_turns", True)
        assert 0 < refused["retryAfter"] <= 60


async def test_a_chat_that_is_not_there_is_reported_soon():
    """Nobody waits a minute for an address that was mistyped."""
    async with client_at(f"http://127.0.0.1:{free_port()}", token="x") as client:
        assert (await ask(client, "hi"))["error"]["code"] == "unreachable"
        assert (await call(client, "sessions"))["code"] == "unreachable"


async def test_tickets_are_bought_for_each_connection_and_call(visitor: Visitor):
    """A browser gets them from its own server; no call goes without."""
    ticket = {"url": visitor.site.url, "token": visitor.token()}
    async with client_at(visitor.site.url, ticket=ticket) as client:
        assert last(await ask(client, "hi"))["reply"] == "You said: hi"
        for _ in range(2):
            assert len((await call(client, "messages", session="s"))["messages"]) == 2


async def test_a_closed_client_ends_what_is_under_way(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """But not the answer, which is remembered whole."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await client.tell("send", chat="s", text="tell me")
    await client.until("s", reads("the whole "))
    await client.tell("close")
    assert (await client.until("s", is_over))["error"]["code"] == "closed"
    assert (await ask(client, "and now?"))["error"]["code"] == "closed"
    gate.release()
    async with client_at(visitor.site.url, token=visitor.token()) as other:
        await other.tell("resume", chat="s", to="s")
        assert last(await other.until("s", is_over))["reply"] == "the whole answer"


async def test_every_call_of_the_api_is_there(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """Each is made once, in the order in which somebody may need them."""
    await ask(client, "hi im bob", turnId="t1")
    assert [each["id"] for each in await call(client, "sessions", {"limit": 1})] == ["s"]
    assert (await call(client, "change", {"title": "Bob", "labels": ["people"]}, session="s"))["title"] == "Bob"
    assert (await call(client, "details", session="s"))["labels"] == ["people"]
    assert (await call(client, "message", "t1.reply", session="s"))["parts"][0]["text"] == "You said: hi im bob"
    assert (await call(client, "search", "bob"))[0]["session"] == "s"
    assert (await call(client, "prompt", "t1", session="s"))["parts"]
    assert (await call(client, "promptOf", "t1.reply", session="s"))["parts"]
    assert (await call(client, "fork", "t1.reply", {"to": "other"}, session="s"))["id"] == "other"
    assert {each["id"] for each in await call(client, "sessions", {"limit": 1})} == {"s", "other"}
    assert (await call(client, "rewind", "0", {"newest": "2", "key": "k1"}, session="other")) is None
    model.enqueue("Bob says hi.")
    assert (await call(client, "fold", {"through": "2"}, session="s"))["folded"] == 2
    summary = await call(client, "summary", session="s")
    edited = await call(client, "editSummary", "It is Bob.", {"etag": summary["etag"]}, session="s")
    assert edited["text"] == "It is Bob."
    late = await call(client, "editSummary", "Late.", {"etag": summary["etag"]}, session="s")
    assert late["code"] == "summary_changed"
    assert late["details"]["etag"] == (await call(client, "summary", session="s"))["etag"]
    assert [each["version"] for each in await call(client, "versions", session="s")] == [2, 1]
    assert (await call(client, "restore", 1, session="s"))["text"] == summary["text"]
    link = await call(client, "share", session="s")
    assert [each["id"] for each in await call(client, "shares")] == [link["id"]]
    assert await call(client, "revokeShare", link["id"]) is None
    assert await call(client, "shares", session="s") == []
    assert "hi im bob" in await call(client, "export", "markdown", session="s")
    assert json.loads(await call(client, "export", "json"))["format"] == "motorhead-chat"
    assert await call(client, "delete", session="s") is None
    assert await call(client, "ticket")


async def test_the_example_of_the_guide_works(visitor: Visitor, model: ScriptedOpenAI, tmp_path: Path):
    """It is run as it stands there, beside a copy of the client."""
    example = GUIDE.split("```js\n")[1].split("```")[0]
    shutil.copy(CLIENT, tmp_path)
    shutil.copytree(CLIENT.with_suffix(""), tmp_path / "client")
    (tmp_path / "example.mjs").write_text(example.replace("http://127.0.0.1:8000", visitor.site.url))
    model.enqueue("Hello, Bob.", "Bob.")
    environment = clean_environment({"TOKEN": visitor.token()})
    run = await asyncio.create_subprocess_exec(NODE, tmp_path / "example.mjs", stdout=PIPE, env=environment)
    assert (await run.communicate())[0].decode() == "Hello, Bob.Bob.\ntrip hi im bob\n"
    assert run.returncode == 0


def test_the_guide_names_every_call_and_event():
    """And nobody has to read the source."""
    text = "".join(path.read_text() for path in (CLIENT, *CLIENT.with_suffix("").glob("a*.js")))
    calls = set(re.findall(r"^  (?:async )?\*?([a-z]\w+)\(.*\) \{$", text, re.MULTILINE))
    calls -= {"constructor", "call", "address", "socket", "take"}
    events = set(re.findall(r'\{type: "([a-z-]+)"', text))
    assert len(calls) > 30
    assert len(events) > 7
    assert {name for name in calls if not re.search(rf"\b{name}\(", GUIDE)} == set()
    assert {name for name in events if f"`{name}`" not in GUIDE} == set()


def test_no_call_of_the_api_is_missing():
    """What the description has, the client has."""
    described = json.loads((REPOSITORY / "docs" / "openapi.json").read_text())["paths"]
    client = (CLIENT.with_suffix("") / "api.js").read_text()
    made = client.replace("${encodeURIComponent(id)}", "{}").replace("${encodeURIComponent(message)}", "{}")
    made = made.replace("${encodeURIComponent(turn)}", "{}").replace("${encodeURIComponent(this.id)}${path}", "{}")
    for path, methods in described.items():
        for method in methods:
            parts = path.replace("/sessions/{session_id}", "").replace("/", " ").split()
            short = "/".join("{}" if part.startswith("{") else part for part in parts)
            own = path.startswith("/sessions/{")
            address = f'"/{short}"' if own and short else f'"{short}"' if short else ""
            wanted = f'"{method.upper()}", {address}' if address else f'"{method.upper()}"'
            assert wanted in made.replace("`", '"'), (method, path)
