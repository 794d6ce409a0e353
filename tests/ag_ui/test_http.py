"""``POST /api/ag-ui``, with AG-UI's own client (npm ``@ag-ui/client``), and without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import override_settings

from chat.web.tokens import issue_ticket, read_token
from tests.ag_ui.node import AgUi, Shown, ends, kinds, texts
from tests.ai_sdk.node import Relay
from tests.ai_sdk.sockets import SOON, Visitor, visit
from tests.support.cookies import csrf_token
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI

pytestmark = pytest.mark.node

PATH = "/api/ag-ui"


@pytest.fixture
async def agent(client: AgUi, visitor: Visitor, relay: Relay) -> AgUi:
    """The clients, with an agent ``s`` of the visitor."""
    await begin(client, visitor, relay)
    return client


async def begin(client: AgUi, visitor: Visitor, relay: Relay, chat: str = "s", **headers: str) -> None:
    url, headers = f"http://127.0.0.1:{relay.port}{PATH}", {"Authorization": f"Bearer {visitor.token()}", **headers}
    await client.tell("agent", chat, thread="s", url=url, headers=headers)


@pytest.fixture
async def http(visitor: Visitor) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the visitor's token."""
    headers = {"Authorization": f"Bearer {visitor.token()}"}
    async with httpx.AsyncClient(
        base_url=visitor.site.url, headers=headers, timeout=SOON, trust_env=False
    ) as connection:
        yield connection


def run_of(text: str | None, run: str | None = None, **fields: Any) -> dict[str, Any]:
    messages = [] if text is None else [{"id": uuid4().hex, "role": "user", "content": text}]
    return {"threadId": "s", "runId": run or uuid4().hex, "messages": messages, **fields}


def read(body: str) -> list[tuple[str | None, dict[str, Any]]]:
    """The events of a stream, with their ids."""
    found: list[tuple[str | None, dict[str, Any]]] = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((fields.get("id"), json.loads(fields["data"])))
    return found


async def remembered(visitor: Visitor) -> list[str]:
    return [message["content"] for message in (await visitor.memory("s"))["messages"]][::-1]


def is_half(text: str) -> Any:
    def holds(shown: Shown) -> bool:
        return bool(shown["messages"]) and shown["messages"][-1]["text"] == text

    return holds


def is_over(shown: Shown) -> bool:
    return shown["status"] in {"ready", "error"} and bool(ends(shown))


async def test_the_agent_is_answered_and_has_the_memory_as_its_state(agent: AgUi, model: ScriptedOpenAI):
    """With one line of set-up. The state follows what the turn has added."""
    model.enqueue(Reply(["<think>Who is ", "Bob?</think>\n\n", "Hello ", "Bob."]))
    shown = await agent.ask("s", "hi im bob")
    assert [(message["role"], message["text"]) for message in shown["messages"]] == [
        ("user", "hi im bob"),
        ("reasoning", "Who is Bob?"),
        ("assistant", "Hello Bob."),
    ]
    assert shown["state"] == {"memory": {"messages": 2, "context": "", "omitted": 0, "recalled": []}}
    assert shown["result"] == {"remembered": True}
    again = await agent.ask("s", "whats my name?")
    assert texts(again)[-1] == "You said: whats my name?"
    assert again["state"]["memory"]["messages"] == 4


async def test_an_agent_that_lost_its_connection_sends_the_run_again(
    agent: AgUi, relay: Relay, visitor: Visitor, model: ScriptedOpenAI
):
    """It joins the same answer, and shows it once."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await agent.tell("send", "s", text="tell me", run="run-1")
    await agent.until("s", is_half("the whole "))
    relay.cut()
    await agent.until("s", lambda shown: shown["status"] == "error")
    await agent.tell("send", "s", run="run-1")
    await agent.until("s", lambda shown: kinds(shown).count("RUN_STARTED") == 2 and is_half("the whole ")(shown))
    gate.release()
    shown = await agent.until("s", is_over)
    assert texts(shown) == ["tell me", "the whole answer"] == await remembered(visitor)
    assert len(model.requests) == 1


async def test_a_killed_worker_loses_nothing(agent: AgUi, relay: Relay, visitor: Visitor, model: ScriptedOpenAI):
    """The agent sends the run again, and shows what is remembered: nothing of what was void."""
    model.enqueue(Reply("lost words here", gate=Gate(), gate_at=2), "the whole answer")
    await agent.tell("send", "s", text="tell me", run="run-1")
    half = await agent.until("s", is_half("lost words "))
    served_by = half["events"][0]["metadata"]["servedBy"]
    assert visitor.site.kill_child(served_by["worker"]) == served_by["pid"]
    while not is_over(shown := agent.chats["s"]):
        await agent.until("s", lambda shown: shown["status"] in {"ready", "error"})
        if not is_over(agent.chats["s"]):
            await agent.tell("send", "s", run="run-1")
            await agent.until("s", lambda shown: shown["status"] == "streaming" or is_over(shown))
    assert texts(shown) == ["tell me", "the whole answer"] == await remembered(visitor)


async def test_a_reader_at_another_worker_sees_an_answer_begin_again(
    agent: AgUi, client: AgUi, http: httpx.AsyncClient, visitor: Visitor, model: ScriptedOpenAI
):
    """Its stream goes on in the same run, while the worker that answered is killed."""
    model.enqueue(Reply("lost words here", gate=Gate(), gate_at=2), "the whole answer")
    await agent.tell("send", "s", text="tell me", run="run-1")
    half = await agent.until("s", is_half("lost words "))
    served_by = half["events"][0]["metadata"]["servedBy"]
    while True:
        async with http.stream("POST", PATH, json=run_of("tell me", "run-1")) as response:
            if response.headers["Served-By"].startswith(f"{served_by['worker']}/"):
                continue
            visitor.site.kill_child(served_by["worker"])
            body = "".join([part async for part in response.aiter_text()])
            break
    events = [event for _, event in read(body)]
    assert [event["type"] for event in events].count("RUN_STARTED") == 1
    place = max(place for place, event in enumerate(events) if event["type"] == "MESSAGES_SNAPSHOT")
    assert [message["content"] for message in events[place]["messages"]] == ["tell me"]
    assert "".join(event.get("delta", "") for event in events[place:] if "CONTENT" in event["type"]) == (
        "the whole answer"
    )
    assert events[-1]["type"] == "RUN_FINISHED"


async def test_a_run_without_a_message_shows_what_is_remembered(
    agent: AgUi, client: AgUi, visitor: Visitor, relay: Relay
):
    """Another page, which has nothing, gets the messages under the same ids, and the state."""
    said = await agent.ask("s", "hi im bob")
    await begin(client, visitor, relay, "again")
    await client.tell("send", "again")
    shown = await client.until("again", is_over)
    assert texts(shown) == texts(said)
    assert shown["messages"][-1]["id"] == said["messages"][-1]["id"]
    assert shown["state"]["memory"]["messages"] == 2
    assert kinds(shown) == ["RUN_STARTED", "MESSAGES_SNAPSHOT", "STATE_SNAPSHOT", "RUN_FINISHED"]


async def begin_again(agent: AgUi, chat: str = "s", **kept: Any) -> Shown:
    """Keep some of the messages, and run the agent again."""
    runs = agent.chats[chat]["runs"]
    await agent.tell("keep", chat, **kept)
    await agent.tell("send", chat)
    return await agent.until(chat, lambda shown: bool(shown["runs"] > runs))


async def test_an_agent_that_takes_the_answer_away_gets_another(
    agent: AgUi, visitor: Visitor, model: ScriptedOpenAI, http: httpx.AsyncClient
):
    """In the place of the old one, over and over, and with the ids of a snapshot as well."""
    await agent.ask("s", "hi im bob")
    model.enqueue("first", "second", "third")
    await agent.ask("s", "whats my name?")
    assert texts(await begin_again(agent, count=3))[2:] == ["whats my name?", "second"]
    assert await remembered(visitor) == ["hi im bob", "You said: hi im bob", "whats my name?", "second"]
    assert len((await begin_again(agent, count=0))["messages"]) == 4
    shown = await begin_again(agent, count=3)
    assert texts(shown)[2:] == ["whats my name?", "third"]
    assert await remembered(visitor) == ["hi im bob", "You said: hi im bob", "whats my name?", "third"]
    assert shown["state"]["memory"]["messages"] == 4


async def test_a_message_that_an_agent_edits_is_replaced_with_all_behind_it(agent: AgUi, visitor: Visitor):
    """It keeps its id, and gets other words."""
    for text in ("hi im bob", "whats my name?", "and yours?"):
        await agent.ask("s", text)
    shown = await begin_again(agent, count=3, text="whats your name?")
    assert texts(shown) == ["hi im bob", "You said: hi im bob", "whats your name?", "You said: whats your name?"]
    assert await remembered(visitor) == texts(shown)


async def test_an_application_names_the_message_that_a_new_one_replaces(
    agent: AgUi, http: httpx.AsyncClient, visitor: Visitor
):
    """For clients that give the edited message another id."""
    await agent.ask("s", "hi im bob")
    shown = await agent.ask("s", "whats my name?")
    body = run_of("hi im alice", forwardedProps={"replace": shown["messages"][0]["id"]})
    assert read((await http.post(PATH, json=body)).text)[-1][1]["type"] == "RUN_FINISHED"
    assert await remembered(visitor) == ["hi im alice", "You said: hi im alice"]
    gone = run_of("hi", forwardedProps={"replace": shown["messages"][2]["id"]})
    assert (await http.post(PATH, json=gone)).json()["code"] == "unknown_message"


async def test_a_stale_agent_erases_nothing(
    agent: AgUi, client: AgUi, visitor: Visitor, relay: Relay, http: httpx.AsyncClient
):
    """Its new message is added, the answer that it has is not given again, and another one is refused."""
    await agent.ask("s", "hi im bob")
    await http.post(PATH, json=run_of("said elsewhere"))
    said = ["hi im bob", "You said: hi im bob", "said elsewhere", "You said: said elsewhere"]
    refused = await begin_again(agent, count=1)
    assert (refused["status"], await remembered(visitor)) == ("error", said)
    assert "said since" in refused["error"]


async def test_an_agent_that_asks_for_nothing_new_is_shown_the_session(
    agent: AgUi, http: httpx.AsyncClient, visitor: Visitor, model: ScriptedOpenAI
):
    """Nothing is answered twice."""
    await agent.ask("s", "hi im bob")
    await http.post(PATH, json=run_of("said elsewhere"))
    shown = await begin_again(agent, count=2)
    assert texts(shown) == await remembered(visitor)
    assert len(shown["messages"]) == 4
    assert len(model.requests) == 2


async def test_a_folded_message_is_not_replaced(agent: AgUi, visitor: Visitor):
    """In words: its summary may be restored."""
    for text in ("one", "two"):
        await agent.ask("s", text)
    await visitor.fold("s", through="2")
    refused = await begin_again(agent, count=1, text="three")
    assert refused["status"] == "error"
    assert "part of the summary" in refused["error"]


async def test_an_agent_that_leaves_does_not_stop_its_answer(
    agent: AgUi, http: httpx.AsyncClient, visitor: Visitor, model: ScriptedOpenAI
):
    """Unless it has said so."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await agent.tell("send", "s", text="tell me")
    await agent.until("s", is_half("the whole "))
    await agent.tell("stop", "s")
    await agent.until("s", lambda shown: shown["status"] != "streaming")
    gate.release()
    assert read((await http.post(PATH, json=run_of(None))).text)[-1][1]["type"] == "RUN_FINISHED"
    assert await remembered(visitor) == ["tell me", "the whole answer"]


async def test_an_agent_that_says_so_stops_its_answer_by_leaving(
    client: AgUi, relay: Relay, visitor: Visitor, model: ScriptedOpenAI
):
    """With a header: a lost connection and a stop look the same."""
    await begin(client, visitor, relay, **{"X-On-Disconnect": "stop"})
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=1))
    await client.tell("send", "s", text="tell me")
    await client.until("s", is_half("half "))
    await client.tell("stop", "s")
    await model.wait_for_disconnect()


async def test_an_error_of_the_model_is_an_event_and_one_of_the_request_a_status(
    agent: AgUi, http: httpx.AsyncClient, model: ScriptedOpenAI
):
    """Both in words."""
    model.enqueue(Reply(status=401))
    shown = await agent.ask("s", "hi")
    assert (ends(shown)[-1]["type"], ends(shown)[-1]["code"]) == ("RUN_ERROR", "model_refused")
    for body, status in ((b"{", 400), (b"{}", 400), (json.dumps(run_of(" ")).encode(), 400)):
        refused = await http.post(PATH, content=body, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.headers["Content-Type"]) == (status, "application/problem+json")
        assert refused.json()["detail"].endswith(".")
    busy = Reply("busy", gate=Gate(), gate_at=0)
    model.enqueue(busy)
    async with http.stream("POST", PATH, json=run_of("first")):
        assert (await http.post(PATH, json=run_of("second"))).json()["code"] == "turn_in_progress"


async def test_the_same_run_with_another_text_is_a_conflict(http: httpx.AsyncClient):
    """With the same text it is replayed."""
    first = await http.post(PATH, json=run_of("hi", "run-1"))
    assert read((await http.post(PATH, json=run_of("hi", "run-1"))).text) == read(first.text)
    assert (await http.post(PATH, json=run_of("other", "run-1"))).status_code == 409


async def test_a_stream_goes_on_behind_any_of_its_events(http: httpx.AsyncClient):
    """By ``Last-Event-ID`` with the run, or by an address alone, which TanStack AI's client uses."""
    whole = read((await http.post(PATH, json=run_of("hi", "run-1"))).text)
    for place in (0, 3, len(whole) - 1):
        offset = whole[place][0] or ""
        behind = await http.post(PATH, json=run_of("hi", "run-1"), headers={"Last-Event-ID": offset})
        assert read(behind.text) == whole[place + 1 :]
        assert read((await http.get(PATH, params={"runId": "run-1", "offset": offset})).text) == whole[place + 1 :]
    joined = await http.get(PATH, params={"runId": "run-1", "offset": "-1", "threadId": "s"})
    assert [event["type"] for _, event in read(joined.text)] == [
        *("RUN_STARTED", "MESSAGES_SNAPSHOT", "STATE_SNAPSHOT", "RUN_FINISHED"),
    ]
    assert (await http.get(PATH, params={"runId": "no-such", "offset": "-1", "threadId": "s"})).status_code == 404


async def test_the_memory_can_be_watched(http: httpx.AsyncClient, visitor: Visitor):
    """As long as the stream is open."""
    async with http.stream("POST", PATH, json=run_of(None, forwardedProps={"watch": "memory"})) as response:
        lines = response.aiter_lines()

        async def until(kind: str) -> dict[str, Any]:
            async for line in lines:
                if line.startswith("data:") and (event := json.loads(line[5:]))["type"] == kind:
                    found: dict[str, Any] = event
                    return found
            raise AssertionError

        async with asyncio.timeout(SOON):
            assert (await until("STATE_SNAPSHOT"))["snapshot"]["memory"]["messages"] == 0
            await http.post(PATH, json=run_of("hi"))
            while (await until("STATE_DELTA"))["delta"][0]["value"]["messages"] != 2:
                pass


async def test_headers_let_events_through_at_once(http: httpx.AsyncClient):
    """Neither compressed nor cached nor collected, with or without a slash at the end."""
    for path in (PATH, PATH + "/"):
        response = await http.post(path, json=run_of("hi"), headers={"Accept-Encoding": "gzip"})
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert "no-store" in response.headers["Cache-Control"]
        assert "Content-Encoding" not in response.headers
        assert "Set-Cookie" not in response.headers
    assert (await http.put(PATH)).status_code == 405


async def test_who_may_use_it(visitor: Visitor, http: httpx.AsyncClient):
    """A token, a ticket once, or a cookie from an allowed page that proves itself; sessions are the owner's alone."""
    site = visitor.site
    await http.post(PATH, json=run_of("my secret"))
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as other:
        assert (await other.post(PATH, json=run_of("hi"))).status_code == 403
        assert (await other.post(PATH, json=run_of("hi"), headers=visitor.headers())).status_code == 403
        foreign = visitor.headers() | {"Origin": "https://evil.example"}
        assert (await other.post(PATH, json=run_of("hi"), headers=foreign)).status_code == 403
        assert (await other.post(PATH, json=run_of("hi"), headers={"Authorization": "Bearer x"})).status_code == 401
        with override_settings(SECRET_KEY=(site.data / "secret_key").read_text()):
            ticket = issue_ticket(read_token(visitor.token()))
        shown = await other.post(PATH, params={"ticket": ticket}, json=run_of(None))
        assert "my secret" in shown.text
        assert (await other.post(PATH, params={"ticket": ticket}, json=run_of(None))).status_code == 401
        stranger = {"Authorization": f"Bearer {(await visit(site)).token()}"}
        assert "my secret" not in (await other.post(PATH, json=run_of(None), headers=stranger)).text


async def test_the_sites_own_page_proves_that_it_sent_the_run(visitor: Visitor):
    """With its token against forged requests; a browser learns that only allowed origins may ask."""
    site = visitor.site
    async with httpx.AsyncClient(
        base_url=site.url, cookies={site.cookies.owner: visitor.cookie}, timeout=SOON, trust_env=False
    ) as browser:
        await browser.get("/s/s")
        own = {"Origin": site.url, "X-CSRFToken": csrf_token(browser)}
        assert read((await browser.post(PATH, json=run_of("hi"), headers=own)).text)[-1][1]["type"] == "RUN_FINISHED"
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-run-id"}
        for origin, allowed in ((site.url, site.url), ("https://evil.example", None)):
            answer = await browser.options(PATH, headers=asked | {"Origin": origin})
            assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (204, allowed)
    assert await remembered(visitor) == ["hi", "You said: hi"]


async def test_a_stream_ends_with_its_credential(visitor: Visitor, model: ScriptedOpenAI):
    """Signing out ends it in the middle, in words."""
    model.enqueue(Reply("half an answer", gate=Gate(), gate_at=1))
    async with httpx.AsyncClient(
        base_url=visitor.site.url, cookies={visitor.site.cookies.owner: visitor.cookie}, timeout=SOON, trust_env=False
    ) as browser:
        await browser.get("/s/s")
        own = {"Origin": visitor.site.url, "X-CSRFToken": csrf_token(browser)}
        async with browser.stream("POST", PATH, json=run_of("hi"), headers=own) as response:
            await model.wait_for_request()
            await visitor.sign_out()
            body = "".join([part async for part in response.aiter_text()])
    assert (read(body)[-1][1]["type"], read(body)[-1][1]["code"]) == ("RUN_ERROR", "access_denied")
