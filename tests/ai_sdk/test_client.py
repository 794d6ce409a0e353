"""The AI SDK's own client on Node (npm ``ai``, `WebSocketChatTransport`), unchanged, against a whole site."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.ai_sdk.node import HERE, AiSdk, Relay, ai_sdk, is_done, text_of
from tests.ai_sdk.sockets import Visitor, asleep, send_frame, user_message
from tests.support.node import install
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import REPOSITORY, Site, clean_environment

pytestmark = pytest.mark.node


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """The client's npm packages."""
    install(HERE)


@pytest.fixture
async def relay(site: Site) -> AsyncIterator[Relay]:
    """A relay to the site that can be cut."""
    async with Relay(urlsplit(site.url).port or 0).open() as relay:
        yield relay


@pytest.fixture
async def client(visitor: Visitor, relay: Relay) -> AsyncIterator[AiSdk]:
    """The client, for the visitor, with one chat ``s``."""
    async with ai_sdk(url=f"ws://127.0.0.1:{relay.port}/ws/v1/chat", protocols=protocols(visitor)) as client:
        await client.tell("chat", chat="s")
        yield client


def protocols(visitor: Visitor) -> list[str]:
    return ["ai-sdk.v1", f"bearer.{visitor.token()}"]


async def test_a_message_is_streamed_and_finished(client: AiSdk, model: ScriptedOpenAI):
    """With one line of set-up, an answer is streamed and shows its memory and its worker."""
    model.enqueue("Hello, dear Bob.")
    shown = await client.ask("s", "hi im bob")
    mine, answer = shown["messages"]
    assert (text_of(mine), text_of(answer)) == ("hi im bob", "Hello, dear Bob.")
    assert [part["type"] for part in answer["parts"]] == ["data-memory", "text"]
    assert answer["metadata"]["servedBy"]["worker"].startswith("web")
    assert answer["id"] != mine["id"]
    assert list(dict.fromkeys(client.statuses["s"])) == ["ready", "submitted", "streaming"]


async def test_reasoning_is_a_part_of_its_own_and_not_remembered(
    client: AiSdk, relay: Relay, visitor: Visitor, model: ScriptedOpenAI
):
    """Reasoning is shown apart from the text, also after a lost connection, and only the text is remembered."""
    gate = Gate()
    model.enqueue(Reply(["<think>Who is ", "Bob?</think>\n\n", "Hello ", "Bob."], gate=gate, gate_at=3))
    await client.tell("send", chat="s", text="hi im bob")
    await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "Hello ")
    relay.cut()
    await client.until("s", lambda shown: shown["finished"] is not None)
    await client.tell("resume", chat="s")
    await client.until("s", lambda shown: shown["status"] == "streaming")
    gate.release()
    answer = (await client.until("s", is_done))["messages"][-1]
    parts = [(part["type"], part.get("text"), part.get("state")) for part in answer["parts"]]
    assert parts[2:] == [("reasoning", "Who is Bob?", "done"), ("text", "Hello Bob.", "done")]
    memory = await visitor.memory("s")
    assert [message["content"] for message in memory["messages"]] == ["Hello Bob.", "hi im bob"]


async def test_turns_follow_one_another(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """The second turn finds the first one remembered once, although the client sends its whole history."""
    await client.ask("s", "hi im bob")
    shown = await client.ask("s", "whats my name?")
    assert [text_of(message) for message in shown["messages"]][2:] == ["whats my name?", "You said: whats my name?"]
    told = [message["content"] for message in model.requests[-1].messages]
    assert told[1:] == ["hi im bob", "You said: hi im bob", "whats my name?"]
    assert len((await visitor.memory("s"))["messages"]) == 4


async def test_the_newest_message_is_enough(visitor: Visitor, model: ScriptedOpenAI):
    """A client that sends only its newest message, as the guide advises, is answered from the same memory."""
    url = visitor.site.url + "/ws/v1/chat"
    async with ai_sdk(url=url, protocols=protocols(visitor), newestOnly=True) as client:
        await client.tell("chat", chat="s")
        await client.ask("s", "hi im bob")
        await client.ask("s", "whats my name?")
    assert "hi im bob" in [message["content"] for message in model.requests[-1].messages]


async def test_the_client_can_watch_a_memory(client: AiSdk, visitor: Visitor):
    """Through the transport of its chats, and while one of them answers."""
    await client.tell("watch", chat="s")
    await client.until("memory of s", lambda shown: shown["data"]["messages"] == 0)
    await client.ask("s", "hi im bob")
    await client.until("memory of s", lambda shown: shown["data"]["messages"] == 2)
    assert client.chats["s"]["status"] == "ready"


async def test_two_chats_share_the_transport(client: AiSdk, model: ScriptedOpenAI):
    """Two chats stream their own answers over one socket at the same time."""
    gate = Gate()
    model.enqueue(Reply("slow answer", gate=gate, gate_at=1))
    await client.tell("chat", chat="other")
    await client.tell("send", chat="s", text="slow")
    await client.until("s", lambda shown: shown["status"] == "streaming" and text_of(shown["messages"][-1]) == "slow ")
    quick = await client.ask("other", "quick")
    assert text_of(quick["messages"][-1]) == "You said: quick"
    gate.release()
    assert text_of((await client.until("s", is_done))["messages"][-1]) == "slow answer"


async def test_a_dropped_socket_is_resumed(client: AiSdk, relay: Relay, visitor: Visitor, model: ScriptedOpenAI):
    """After a lost connection in the middle of an answer, resuming shows the whole answer in the same message."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await client.tell("send", chat="s", text="tell me")
    half = await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "the whole ")
    relay.cut()
    lost = await client.until("s", lambda shown: shown["finished"] is not None)
    assert (lost["status"], lost["finished"]["isDisconnect"]) == ("error", True)
    await client.tell("resume", chat="s")
    await client.until("s", lambda shown: shown["status"] == "streaming")
    gate.release()
    shown = await client.until("s", is_done)
    assert [text_of(message) for message in shown["messages"]] == ["tell me", "the whole answer"]
    assert shown["messages"][-1]["id"] == half["messages"][-1]["id"]
    assert len((await visitor.memory("s"))["messages"]) == 2


async def test_an_answer_that_ended_meanwhile_is_resumed_too(client: AiSdk, relay: Relay, model: ScriptedOpenAI):
    """An answer completed during a network outage is shown whole afterwards."""
    gate = Gate()
    model.enqueue(Reply("said while away", gate=gate, gate_at=1))
    await client.tell("send", chat="s", text="go on without me")
    await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "said ")
    relay.cut()
    await client.until("s", lambda shown: shown["finished"] is not None)
    gate.release()
    await client.tell("resume", chat="s")
    assert text_of((await client.until("s", is_done))["messages"][-1]) == "said while away"


async def test_a_reloaded_page_finds_its_answer(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """A second client resumes the running answer from its start; an idle session has nothing to resume."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    await client.tell("send", chat="s", text="tell me")
    await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "the whole ")
    url = visitor.site.url + "/ws/v1/chat"
    async with ai_sdk(url=url, protocols=protocols(visitor)) as reloaded:
        for chat in ("s", "idle"):
            await reloaded.tell("chat", chat=chat)
            await reloaded.tell("resume", chat=chat)
        await reloaded.until("s", lambda shown: shown["messages"] != [])
        gate.release()
        assert text_of((await reloaded.until("s", is_done))["messages"][-1]) == "the whole answer"
        await reloaded.ask("idle", "hi")
        assert "error" not in reloaded.statuses["idle"]


async def test_stop_ends_the_answer(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """stop() keeps the text so far and ends the model's stream, and the session accepts the next message at once."""
    model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2))
    await client.tell("send", chat="s", text="go on")
    await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "so far ")
    await client.tell("stop", chat="s")
    shown = await client.until("s", is_done)
    assert shown["finished"]["isAbort"]
    assert text_of(shown["messages"][-1]) == "so far "
    await model.wait_for_disconnect()
    async with visitor.socket() as socket:
        assert (await socket.resume("s")).kinds[-1] == "abort"  # sent once it is remembered
    assert (await visitor.memory("s"))["messages"][0]["content"] == "so far \n\n[stopped]"
    assert text_of((await client.ask("s", "next"))["messages"][-1]) == "You said: next"


async def test_a_message_behind_a_stop_is_answered(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """stop() and sendMessage() in one go, time after time: the message follows the answer that was stopped."""

    async def shows(text: str) -> None:
        await client.until("s", lambda shown: text_of(shown["messages"][-1]) == text)

    for number in range(5):
        model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2))
        await client.tell("send", chat="s", text=f"go on {number}")
        await shows("so far ")
        await client.tell("stop", chat="s")
        await client.tell("send", chat="s", text=f"next {number}")
        await shows(f"You said: next {number}")
        await client.until("s", is_done)
    assert "error" not in client.statuses["s"]
    async with visitor.socket() as socket:
        await socket.ask("s", "the end")
    (asked,) = (request for request in model.requests if request.text == "the end")  # a fold may come after it
    said = [message["content"] for message in asked.messages]
    assert said[-3:] == ["next 4", "You said: next 4", "the end"]
    assert said[-5:-3] == ["go on 4", "so far \n\n[stopped]"]

    async def folded() -> bool:
        return bool((await visitor.memory("s"))["window"]["fold"] != "pending")

    await until(folded)  # otherwise a fold would take the next test's answer from the model


@pytest.mark.parametrize("verb", ["regenerate", "edit"])
async def test_a_stopped_answer_is_replaced_at_once(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI, verb: str):
    """stop() and regenerate() in one go, or an edit: the new answer takes the place of the stopped one."""
    model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2), "a better answer")
    await client.tell("send", chat="s", text="go on")
    shown = await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "so far ")
    await client.tell("stop", chat="s")
    edit = {"text": "go back", "messageId": shown["messages"][0]["id"]} if verb == "edit" else {}
    await client.tell(verb, chat="s", **edit)
    await client.until("s", lambda shown: is_done(shown) and text_of(shown["messages"][-1]) == "a better answer")
    said = [message["content"] for message in (await visitor.memory("s"))["messages"]]
    assert said == ["a better answer", edit.get("text", "go on")]


async def test_a_resumed_answer_can_be_stopped(client: AiSdk, relay: Relay, model: ScriptedOpenAI):
    """stop() after a resume ends an answer that another request has begun."""
    model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2))
    await client.tell("send", chat="s", text="go on")
    await client.until("s", lambda shown: text_of(shown["messages"][-1]) == "so far ")
    relay.cut()
    await client.until("s", lambda shown: shown["finished"] is not None)
    await client.tell("resume", chat="s")
    await client.until("s", lambda shown: shown["status"] == "streaming")
    await client.tell("stop", chat="s")
    await model.wait_for_disconnect()
    await client.until("s", lambda shown: is_done(shown) and shown["finished"]["isAbort"])  # not the lost connection


async def test_a_failure_is_shown_and_regenerated(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """A failed turn shows a sentence; regenerate() tries again, and the exchange is remembered once."""
    model.enqueue(Reply("never whole", cut_after=1))
    await client.tell("send", chat="s", text="hi")
    failed = await client.until("s", lambda shown: shown["error"] is not None)
    assert failed["error"] == "The model broke off in the middle of its answer. Try again."
    await client.tell("regenerate", chat="s")
    shown = await client.until("s", is_done)
    assert [text_of(message) for message in shown["messages"]] == ["hi", "You said: hi"]
    assert len((await visitor.memory("s"))["messages"]) == 2


async def test_an_answer_is_given_again_and_a_message_edited(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """regenerate() and sendMessage() with a messageId: what the client shows is what is remembered."""
    await client.ask("s", "hi")
    shown = await client.ask("s", "how are you?")
    model.enqueue("Better.")
    await client.tell("regenerate", chat="s")
    told = lambda shown: [text_of(message) for message in shown["messages"]]  # noqa: E731
    await client.until("s", lambda shown: is_done(shown) and told(shown)[2:] == ["how are you?", "Better."])
    await client.tell("edit", chat="s", text="hi im bob", messageId=shown["messages"][0]["id"])
    shown = await client.until("s", lambda shown: is_done(shown) and len(shown["messages"]) == 2)
    assert told(shown) == ["hi im bob", "You said: hi im bob"]
    memory = await visitor.memory("s")
    assert [message["content"] for message in reversed(memory["messages"])] == told(shown)


async def test_a_restarted_answer_is_never_spliced(client: AiSdk, visitor: Visitor, model: ScriptedOpenAI):
    """When the answering worker dies, a client elsewhere loses its socket, and resuming shows only the new answer."""
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), when=lambda request: request.text == "go")
    model.enqueue("an answer of its own", when=lambda request: request.text == "go")
    async with visitor.socket() as doomed:
        pid = (await doomed.ask("warm", "up")).pid
        with asleep(pid):
            await client.tell("chat", chat="elsewhere")
            await client.ask("elsewhere", "hi")
        await doomed.send(send_frame("r", "s", user_message("go")))
        begun = await doomed.until("r", "text-delta")
        await client.tell("resume", chat="s")
        await client.until("s", lambda shown: shown["messages"] and text_of(shown["messages"][-1]) == "half ")
        name = next(name for name, number in visitor.site.pids().items() if number == pid)
        visitor.site.kill_child(name)
        lost = await client.until("s", lambda shown: shown["finished"] is not None)
        assert ("4012" in lost["error"], lost["finished"]["isDisconnect"]) == (True, True)
    await client.tell("resume", chat="s")
    shown = await client.until("s", is_done)
    assert [text_of(message) for message in shown["messages"]] == ["an answer of its own"]
    assert shown["messages"][0]["id"] == begun.message_id
    await asyncio.to_thread(visitor.site.wait_for_new, name, pid)


async def test_a_ticket_opens_the_socket(visitor: Visitor, model: ScriptedOpenAI):
    """With the transport's params each connection gets a ticket, and the page contains no token."""
    ticket = {"url": f"{visitor.site.url}/api/ticket", "token": visitor.token()}
    async with ai_sdk(url=f"{visitor.site.url}/ws/v1/chat", ticket=ticket) as client:
        await client.tell("chat", chat="s")
        assert text_of((await client.ask("s", "hi"))["messages"][-1]) == "You said: hi"


async def test_a_token_of_the_command_line_opens_the_socket(site: Site, model: ScriptedOpenAI):
    """A token from manage.py issue_token opens a socket of the running site."""
    command = [sys.executable, "manage.py", "issue_token", "--owner", "frontend", "--days", "1"]
    environment = clean_environment({"CHAT_DATA": str(site.data)})
    printed = await asyncio.to_thread(
        subprocess.run, command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    offers = ["ai-sdk.v1", f"bearer.{printed.stdout.strip()}"]
    async with ai_sdk(url=f"{site.url}/ws/v1/chat", protocols=offers) as client:
        await client.tell("chat", chat="s")
        assert text_of((await client.ask("s", "hi"))["messages"][-1]) == "You said: hi"


@pytest.mark.parametrize("do", ["send", "resume"])
async def test_a_refused_connection_is_an_error_with_a_sentence(site: Site, do: str):
    """A client with a forged token shows why it was refused."""
    async with ai_sdk(url=f"{site.url}/ws/v1/chat", protocols=["ai-sdk.v1", "bearer.forged"]) as client:
        await client.tell("chat", chat="s")
        await client.tell(do, chat="s", **({"text": "hi"} if do == "send" else {}))
        shown = await client.until("s", lambda shown: shown["error"] is not None)
        assert shown["error"] == "This token was not issued by this site. Ask for a new one."


async def test_a_program_without_a_credential_shows_what_it_lacks(site: Site):
    """A client that no page has loaded needs a token or a ticket."""
    async with ai_sdk(url=f"{site.url}/ws/v1/chat") as client:
        await client.tell("chat", chat="s")
        await client.tell("send", chat="s", text="hi")
        shown = await client.until("s", lambda shown: shown["error"] is not None)
        assert "Send a bearer token, a ticket or the visitor's cookie." in shown["error"]
