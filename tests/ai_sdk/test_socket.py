"""``/ws/v1/chat`` on a whole site with raw frames, both those of the AI SDK's client and invalid ones."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from chat.api.ai_sdk.frames import MAX_FRAME
from chat.api.consumer import MAX_WATCHES
from chat.sockets.replay_limit import REPLAYS_A_MINUTE
from chat.sockets.tasks import end_all
from tests.ai_sdk.sockets import SOON, Frame, Socket, Visitor, raw_socket, resume_frame, send_frame, user_message, visit
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PROXIES, REPOSITORY, Site
from tests.support.staff import manage


async def test_a_turn_is_answered_and_remembered(visitor: Visitor, model: ScriptedOpenAI):
    """A message is answered chunk by chunk, and the exchange is remembered once."""
    model.enqueue(Reply("Hello, dear Bob.", pace=0.05))
    async with visitor.socket() as socket:
        answer = await socket.ask("s1", "hi im bob")
    assert [frame["type"] for frame in (answer.frames[0], answer.last)] == ["start", "end"], answer
    assert answer.kinds == ["start", "data-memory", "text-start", "text-delta", "text-end", "finish"]
    assert answer.text == "Hello, dear Bob."
    assert len(answer.chunks) > len(answer.kinds), "streamed, not sent in one piece"
    assert await exchanges(visitor, "s1") == [("hi im bob", "Hello, dear Bob.")]


async def exchanges(visitor: Visitor, session: str) -> list[tuple[str, str]]:
    """The remembered exchanges as (message, reply), oldest first."""
    said = [message["content"] for message in reversed((await visitor.memory(session))["messages"])]
    return list(zip(said[::2], said[1::2], strict=True))


async def test_the_memory_goes_out_with_each_turn(visitor: Visitor, model: ScriptedOpenAI):
    """The chunk data-memory holds the running summary and the number of messages in the prompt."""
    async with visitor.socket() as socket:
        assert (await socket.ask("s", "one")).memory == {"messages": 0}
        await visitor.remember("s", "The user counts.")
        assert (await socket.ask("s", "two")).memory == {"messages": 2, "context": "The user counts."}
    assert "The user counts." in str(model.requests[-1].messages)


async def test_what_a_client_sends_as_history_is_ignored(visitor: Visitor, model: ScriptedOpenAI):
    """The prompt comes from the memory, not from the client's history."""
    history = [user_message("my name is Eve"), {"id": "x", "role": "assistant", "parts": []}]
    async with visitor.socket() as socket:
        await socket.send(send_frame("r", "s", *history, user_message("whats my name?")))
        await socket.answer("r")
    assert [message["content"] for message in model.requests[-1].messages][1:] == ["whats my name?"]


def the_guides_example() -> dict[str, Any]:
    """The names that the Python client in docs/websocket-api.md defines."""
    guide = (REPOSITORY / "docs" / "websocket-api.md").read_text()
    example: dict[str, Any] = {}
    exec(guide.split("```python\n")[1].split("```")[0], example)  # noqa: S102 - our own document
    return example


async def test_the_example_of_the_guide_works(visitor: Visitor, model: ScriptedOpenAI, monkeypatch):
    """The Python client in docs/websocket-api.md yields the reply, and raises the sentence of any error.

    That is a refused message, a model that fails at once or midway, a model without words, or a refused connection.
    """
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    example = the_guides_example()
    url = visitor.site.url.replace("http", "ws") + "/ws/v1/chat"
    reply = [piece async for piece in example["ask"](url, visitor.token(), "s", "hi im bob")]
    assert "".join(reply) == "You said: hi im bob"

    async def raises(sentence: str, text: str = "hi", token: str = visitor.token()) -> None:
        with pytest.raises(RuntimeError, match=sentence):
            _ = [piece async for piece in example["ask"](url, token, "s", text)]

    await raises("The message is empty", text=" ")
    for failing, sentence in (
        (Reply(status=401), "The model refused the key"),
        (Reply("never whole", cut_after=1), "broke off in the middle"),
        (Reply(""), "gave an empty answer"),
    ):
        model.enqueue(failing)
        await raises(sentence)
    await raises("was not issued by this site", token="forged")


@pytest.mark.parametrize("code", [1000, 1001, 4012])
async def test_the_example_of_the_guide_takes_no_part_for_a_whole(code: int, monkeypatch):
    """A proxy or a worker that ends may close the connection in the middle of an answer, with any code."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)

    async def close_midway(connection: ServerConnection) -> None:
        await connection.recv()
        delta = {"type": "text-delta", "id": "text", "delta": "My name is"}
        await connection.send(json.dumps({"type": "chunk", "requestId": "1", "sequence": 0, "chunk": delta}))
        await connection.close(code)

    async with serve(close_midway, "127.0.0.1", 0, subprotocols=[Subprotocol("ai-sdk.v1")]) as server:
        (listening, *_) = server.sockets
        url = f"ws://127.0.0.1:{listening.getsockname()[1]}"
        reply = the_guides_example()["ask"](url, "token", "s", "hi")
        assert await anext(reply) == "My name is"
        with pytest.raises(ConnectionClosed):
            await anext(reply)


BAD_FRAMES: list[tuple[Frame | str | bytes, str, str]] = [
    (b'{"type":"abort","requestId":"r"}', "", "binary"),
    ("", "", "not valid JSON"),
    ("{", "", "not valid JSON"),
    ("[]", "", "`object`"),
    ('{"type":"ping","requestId":"r"}', "r", "no frame type 'ping'"),
    ('{"requestId":"r"}', "r", "`type`"),
    ('{"type":"abort"}', "", "`requestId`"),
    (send_frame("r", "s"), "r", "no user message"),
    (send_frame("r", "s", user_message("")), "r", "empty"),
    (send_frame("r", "s", user_message(" \n\t")), "r", "empty"),
    (send_frame("r", "s", user_message("x" * 1_000_000)), "r", "1,000,000 characters"),
    (send_frame("r", "s", user_message("x" * MAX_FRAME)), "r", "at most 4,194,304 bytes"),
    (send_frame("r", "s", user_message("hi"), body={"idempotencyKey": "a b"}), "r", "turn id is malformed"),
    *[
        ({"type": kind, "requestId": "r", "id": name, "messages": [user_message("hi")]}, "r", "session id is malformed")
        for kind in ("send", "resume")
        for name in ("", "a b", "../x", "a.b", "x" * 65)
    ],
    ({"type": "abort", "requestId": "never"}, "never", "nothing to stop"),
]


async def test_bad_frames_are_answered_and_the_socket_stays_open(visitor: Visitor, model: ScriptedOpenAI):
    """Every invalid frame gets an error frame and begins no turn, and the next valid one works."""
    async with visitor.socket() as socket:
        for frame, request_id, sentence in BAD_FRAMES:
            complaint = await socket.complaint(frame, request_id)
            assert sentence in complaint
            assert complaint.endswith(".")
        assert model.requests == []
        assert (await socket.ask("s", "still there?")).text == "You said: still there?"


async def test_bytes_that_are_not_text_end_only_their_socket(visitor: Visitor, model: ScriptedOpenAI):
    """Invalid UTF-8 in a text frame ends its connection, as the protocol demands, but not the worker."""
    async with visitor.socket() as socket, visitor.socket() as other:
        await socket.connection.send(b"\xff\xfe", text=True)
        assert await socket.close_code() in {1006, 1007}
        assert (await other.ask("s", "you?")).text == "You said: you?"


async def test_markup_is_text(visitor: Visitor, model: ScriptedOpenAI):
    """HTML and scripts pass unchanged in both directions."""
    evil = '<script>alert(1)</script> & "x"\u2028\x00'
    model.enqueue(Reply([evil]))
    async with visitor.socket() as socket:
        assert (await socket.ask("s", evil)).text == evil
    assert model.requests[0].text == evil


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a_foreign_page_is_refused_and_closed(visitor: Visitor, origin: str | None):
    """A socket from another origin is accepted, gets a sentence, and is closed with 4403."""
    headers = {"Cookie": visitor.headers()["Cookie"], **({"Origin": origin} if origin else {})}
    async with raw_socket(visitor.site, headers=headers) as socket:
        assert "origin" in (await socket.next(""))["errorText"]
        assert "origin" in await socket.complaint(send_frame("r", "s", user_message("hi")), "r")
        assert await socket.close_code() == 4403


@pytest.mark.parametrize("cookie", [None, "bob", "bob:1wFLn5:forged"])
async def test_an_expired_or_forged_visit_is_asked_to_reload(site: Site, cookie: str | None):
    """A socket without a valid cookie is accepted, gets a sentence about reloading, and is closed with 4401."""
    headers = {"Origin": site.url, **({"Cookie": f"{site.cookies.owner}={cookie}"} if cookie else {})}
    async with raw_socket(site, headers=headers) as socket:
        assert (await socket.next(""))["errorText"].startswith("Your visit has expired. Reload the page.")
        assert (await socket.resume("s")).last["errorText"].startswith("Your visit has expired. Reload the page.")
        assert await socket.close_code() == 4401


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, None),
        (["ai-sdk.v1"], "ai-sdk.v1"),
        (["other", "ai-sdk.v1"], "ai-sdk.v1"),
        (["other", "another"], "other"),
    ],
)
async def test_a_subprotocol_is_always_chosen(visitor: Visitor, offered: list[str] | None, chosen: str | None):
    """Ours is chosen if it is offered, otherwise the first one, since a browser disconnects if none is chosen."""
    async with visitor.socket(subprotocols=offered) as socket:
        assert socket.connection.subprotocol == chosen


async def test_the_same_id_of_another_owner_is_another_session(visitor: Visitor, model: ScriptedOpenAI):
    """Another owner's session id opens an empty session: nothing of theirs can be read, resumed or stopped."""
    stranger = await visit(visitor.site)
    gate = Gate()
    model.enqueue(Reply("a secret", gate=gate, gate_at=1), when=lambda request: request.text == "the code is 4711")
    async with visitor.socket() as mine, stranger.socket() as theirs:
        await mine.send(send_frame("r", "s", user_message("the code is 4711")))
        await mine.until("r", "text-delta")
        assert (await theirs.resume("s")).last["type"] == "no-active"
        assert "nothing to stop" in await theirs.complaint({"type": "abort", "requestId": "r"}, "r")
        assert (await theirs.ask("s", "whats the code?")).memory == {"messages": 0}
        assert "4711" not in str(model.requests[-1].messages)
        gate.release()
        assert (await mine.answer("r")).last["type"] == "end"
    assert await exchanges(stranger, "s") == [("whats the code?", "You said: whats the code?")]


async def test_two_sessions_share_a_socket(visitor: Visitor, model: ScriptedOpenAI):
    """While one session waits for its model, another is answered on the same socket."""
    gate = Gate()
    model.enqueue(Reply("slow answer", gate=gate, gate_at=1))
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "one", user_message("slow")))
        begun = await socket.until("a", "text-delta")
        assert (await socket.ask("two", "quick")).text == "You said: quick"
        gate.release()
        assert (await socket.answer("a", begun)).text == "slow answer"


async def test_a_busy_session_refuses_a_second_turn(visitor: Visitor, model: ScriptedOpenAI):
    """A second message to a busy session is refused with the turn's id, and the first answer is not affected."""
    gate = Gate()
    model.enqueue(Reply("the answer", gate=gate, gate_at=1))
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "s", user_message("one")))
        begun = await socket.until("a", "text-delta")
        refused = await socket.ask("s", "two")
        assert (refused.last["code"], refused.last["turnId"]) == ("turn_in_progress", begun.turn_id)
        gate.release()
        assert (await socket.answer("a", begun)).text == "the answer"


async def test_a_request_id_in_use_is_refused_without_harm(visitor: Visitor, model: ScriptedOpenAI):
    """The error frame for a requestId in use does not name that request, which would end its answer."""
    gate = Gate()
    model.enqueue(Reply("the answer", gate=gate, gate_at=1))
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "s", user_message("one")))
        begun = await socket.until("a", "text-delta")
        assert "in use" in await socket.complaint(send_frame("a", "t", user_message("two")))
        assert "Files" not in await socket.complaint('{"type":"ping","requestId":"a"}')
        gate.release()
        assert (await socket.answer("a", begun)).last["type"] == "end"


async def test_the_same_words_said_again_are_another_message(visitor: Visitor):
    """A message without an id is a new one, even if its requestId was used on an earlier connection."""
    for _ in range(2):
        async with visitor.socket() as socket:
            message = {"role": "user", "parts": [{"type": "text", "text": "yes"}]}
            await socket.send({"type": "send", "requestId": "1", "id": "s", "messages": [message]})
            assert (await socket.answer("1")).text == "You said: yes"
    assert await exchanges(visitor, "s") == [("yes", "You said: yes")] * 2


async def test_stop_is_heard_while_the_answer_streams(visitor: Visitor, model: ScriptedOpenAI):
    """abort ends the model's stream, and the text so far is remembered, marked as stopped."""
    model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2))
    async with visitor.socket() as socket:
        await socket.send(send_frame("r", "s", user_message("go on")))
        begun = await socket.until("r", "text-delta")
        await socket.send({"type": "abort", "requestId": "r"})
        answer = await socket.answer("r", begun)
        assert answer.kinds[-2:] == ["text-end", "abort"]
        await model.wait_for_disconnect()
        assert await exchanges(visitor, "s") == [("go on", f"{answer.text}\n\n[stopped]")]
        await socket.send({"type": "abort", "requestId": "r"})  # it crossed with the end: nothing answers it
        await socket.send({"type": "abort", "requestId": "never"})
        assert "nothing to stop" in (await socket.next("never"))["errorText"]
        assert socket.waiting("r") == []


async def test_a_stop_right_behind_the_message_is_not_lost(visitor: Visitor, model: ScriptedOpenAI):
    """A stop that arrives before its turn has begun stops the turn as soon as it begins."""
    model.enqueue(Reply("never", gate=Gate()))
    async with visitor.socket() as socket:
        await socket.send(send_frame("r", "s", user_message("no, wait")))
        await socket.send({"type": "abort", "requestId": "r"})
        await socket.send({"type": "abort", "requestId": "r"})
        assert (await socket.answer("r")).kinds[-1] == "abort"
    assert await exchanges(visitor, "s") == []


async def test_a_resumed_answer_is_stopped_by_its_own_request(visitor: Visitor, model: ScriptedOpenAI):
    """abort may name a resume, on any worker, and every listener sees the end."""
    model.enqueue(Reply("so far and no further", gate=Gate(), gate_at=2))
    async with visitor.socket() as first:
        await first.send(send_frame("a", "s", user_message("go on")))
        begun = await first.until("a", "text-delta")
        async with visitor.socket_apart(begun.pid) as second:
            await second.send(resume_frame("b", "s"))
            await second.until("b", "text-delta")
            await second.send({"type": "abort", "requestId": "b"})
            assert (await second.answer("b")).last["type"] == "end"
        assert (await first.answer("a", begun)).kinds[-1] == "abort"


async def test_an_answer_is_resumed_on_another_worker(visitor: Visitor, model: ScriptedOpenAI):
    """After a lost socket another worker replays the answer from its start and continues it live."""
    gate = Gate()
    model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
    async with visitor.socket() as socket:
        await socket.send(send_frame("r", "s", user_message("tell me")))
        begun = await socket.until("r", "text-delta")
    async with visitor.socket_apart(begun.pid) as other:
        await other.send(resume_frame("r", "s"))
        again = await other.until("r", "text-delta")
        assert again.frames[0]["type"] == "start"
        gate.release()
        answer = await other.answer("r", again)
    assert (answer.message_id, answer.pid) == (begun.message_id, begun.pid)
    assert answer.text == "the whole answer"
    assert await exchanges(visitor, "s") == [("tell me", "the whole answer")]


def watch(request_id: str, session: str, what: str = "memory") -> dict[str, Any]:
    """The frame that watches the memory of ``session``."""
    return resume_frame(request_id, session, watch=what)


async def test_an_ended_answer_can_be_replayed(visitor: Visitor, model: ScriptedOpenAI):
    """A recent answer is replayed whole on any worker, with the same message id."""
    async with visitor.socket() as socket:
        answer = await socket.ask("s", "hi")
        async with visitor.socket_apart(answer.pid) as other:
            again = await other.resume("s")
        assert again.chunks_without("data-question") == answer.chunks
        assert again.question == {"turnId": answer.turn_id, "text": "hi"}
        assert (await socket.resume("nothing-here")).last["type"] == "no-active"
    assert len(model.requests) == 1


async def test_a_watched_memory_comes_now_and_after_every_change(visitor: Visitor, model: ScriptedOpenAI):
    """Also what another worker appends; the request ends when it is aborted, and its socket serves others meanwhile."""
    async with visitor.socket() as socket:
        await socket.send(watch("w", "s"))
        assert (await socket.next("w"))["type"] == "start"
        empty = await socket.next("w")
        assert empty["chunk"] == {
            "type": "data-memory", "id": "memory", "transient": True,
            "data": {"messages": 0, "folded": 0, "fold": "idle"},
        }  # fmt: skip
        answer = await socket.ask("s", "hi")
        async with visitor.socket_apart(answer.pid) as other:
            await other.ask("s", "hi again")
        seen = [0]
        while seen[-1] != 4:
            frame = await socket.next("w")
            seen.append(frame["chunk"]["data"]["messages"])
        assert seen == sorted(seen)
        assert frame["sequence"] == len(seen) - 1
        await socket.send({"type": "abort", "requestId": "w"})
        assert (await socket.answer("w")).last == {"type": "end", "requestId": "w"}


async def test_a_socket_watches_a_few_memories(visitor: Visitor):
    """One more is refused, and so is what cannot be watched; another owner's session is an empty one."""
    async with visitor.socket() as socket:
        for number in range(MAX_WATCHES):
            await socket.send(watch(str(number), f"s{number}"))
            assert (await socket.next(str(number)))["type"] == "start"
        assert "Abort one" in await socket.complaint(watch("more", "s"), "more")
        assert "`$.body.watch`" in await socket.complaint(watch("what", "s", "the birds"), "what")


async def test_the_same_message_sent_again_is_answered_once(visitor: Visitor, model: ScriptedOpenAI):
    """A repeated send, on another socket and worker, joins the answer in progress, or replays it afterwards."""
    gate = Gate()
    model.enqueue(Reply("only once", gate=gate, gate_at=1))
    message = user_message("hello?")
    async with visitor.socket() as first:
        await first.send(send_frame("a", "s", message))
        begun = await first.until("a", "text-delta")
        async with visitor.socket_apart(begun.pid) as second:
            await second.send(send_frame("b", "s", message))
            joined = await second.until("b", "text-delta")
            gate.release()
            assert (await second.answer("b", joined)).text == "only once"
        await first.answer("a", begun)
        await first.send(send_frame("c", "s", message))
        assert (await first.answer("c")).text == "only once"
    assert len(model.requests) == 1
    assert await exchanges(visitor, "s") == [("hello?", "only once")]


async def test_the_idempotency_key_names_the_turn(visitor: Visitor, model: ScriptedOpenAI):
    """The same key and text are the same turn; another text with the same key is refused."""
    key = {"body": {"idempotencyKey": "k-1"}}
    async with visitor.socket() as socket:
        first, again = [await socket.ask("s", "hi", **key) for _ in range(2)]
        assert (first.turn_id, again.chunks) == ("k-1", first.chunks)
        assert (await socket.ask("s", "ho", **key)).last["code"] == "turn_conflict"
    assert len(model.requests) == 1


async def test_a_failed_turn_says_why_and_can_be_tried_again(visitor: Visitor, model: ScriptedOpenAI):
    """A failing model gives an error chunk, nothing is remembered, and sending the message again is a new attempt."""
    model.enqueue(Reply("never whole", cut_after=1))
    message = user_message("hi")
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "s", message))
        failed = await socket.answer("a")
        assert failed.kinds[-2:] == ["text-end", "error"]
        assert (failed.chunks[-1]["code"], failed.chunks[-1]["retryable"]) == ("model_stalled", True)
        assert (await socket.resume("s")).chunks_without("data-question") == failed.chunks
        await socket.send(send_frame("b", "s", message))
        answer = await socket.answer("b")
    assert answer.text == "You said: hi"
    assert answer.message_id != failed.message_id
    assert await exchanges(visitor, "s") == [("hi", "You said: hi")]


async def test_regenerating_answers_what_has_no_answer(visitor: Visitor, model: ScriptedOpenAI):
    """regenerate-message makes a new attempt if the last one failed, and joins one in progress."""
    gate = Gate()
    model.enqueue(Reply(status=400, error="No."), Reply("at last", gate=gate, gate_at=1))
    message, again = user_message("hi"), {"trigger": "regenerate-message"}
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "s", message))
        assert (await socket.answer("a")).kinds[-1] == "error"
        await socket.send(send_frame("b", "s", message, **again))
        begun = await socket.until("b", "text-delta")
        await socket.send(send_frame("c", "s", message, **again))
        joined = await socket.until("c", "text-delta")
        assert joined.turn_id == begun.turn_id
        gate.release()
        assert (await socket.answer("b", begun)).text == "at last"
        assert (await socket.answer("c", joined)).text == "at last"


async def test_an_answer_is_given_again_in_place_of_the_old_one(visitor: Visitor, model: ScriptedOpenAI):
    """The old exchange stands until the new one is remembered, and the same request again does nothing twice."""
    one, two, gate = user_message("one"), user_message("two"), Gate()
    again = {"trigger": "regenerate-message"}
    async with visitor.socket() as socket:
        for message in (one, two):
            await socket.send(send_frame(message["id"], "s", message))
            await socket.answer(message["id"])
        model.enqueue(Reply("the second try", gate=gate, gate_at=1))
        await socket.send(send_frame("a", "s", one, two, **again))
        begun = await socket.until("a", "text-delta")
        assert await exchanges(visitor, "s") == [("one", "You said: one"), ("two", "You said: two")]
        gate.release()
        assert (await socket.answer("a", begun)).text == "the second try"
        await socket.send(send_frame("a", "s", one, two, **again))
        assert (await socket.answer("a")).text == "the second try"
    assert await exchanges(visitor, "s") == [("one", "You said: one"), ("two", "the second try")]
    assert len(model.requests) == 3
    assert [message["content"] for message in model.requests[-1].messages][1:] == ["one", "You said: one", "two"]


async def test_an_older_answer_is_given_again_where_it_is_named(visitor: Visitor, model: ScriptedOpenAI):
    """All behind it goes, as the client shows it; a stale tab, which takes it for the last one, changes nothing."""
    one = user_message("one")
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "s", one))
        answer = await socket.answer("a")
        await socket.ask("s", "two")
        again = {"trigger": "regenerate-message"}
        assert "said since" in await socket.complaint(send_frame("b", "s", one, **again), "b")
        await socket.send(send_frame("c", "s", one, messageId=answer.message_id, **again))
        assert (await socket.answer("c")).last["type"] == "end"
    assert await exchanges(visitor, "s") == [("one", "You said: one")]


async def test_an_edited_message_replaces_itself(visitor: Visitor, model: ScriptedOpenAI):
    """As often as it is edited, with all that followed; what is folded stays, and a sentence says why."""
    message = user_message("one")
    async with visitor.socket() as socket:
        await socket.send(send_frame("a", "s", message))
        await socket.answer("a")
        await socket.ask("s", "two")
        for text in ("edited", "edited again", "one"):
            edited = user_message(text, id=message["id"])
            await socket.send(send_frame(text, "s", edited, messageId=message["id"]))
            assert (await socket.answer(text)).text == f"You said: {text}"
            assert await exchanges(visitor, "s") == [(text, f"You said: {text}")]
        await visitor.fold("s", through=(await visitor.memory("s"))["messages"][0]["id"])
        edited = send_frame("f", "s", user_message("too late", id=message["id"]), messageId=message["id"])
        assert "part of the summary" in await socket.complaint(edited, "f")
        unknown = send_frame("u", "s", user_message("hm"), messageId="gone.reply")
        assert "not in the session any more" in await socket.complaint(unknown, "u")


async def test_closing_the_socket_does_not_end_the_turn(visitor: Visitor, model: ScriptedOpenAI):
    """An answer is completed and remembered even if its socket is closed."""
    gate = Gate()
    model.enqueue(Reply("to the end", gate=gate, gate_at=1))
    async with visitor.socket() as socket:
        await socket.send(send_frame("r", "s", user_message("go")))
        await socket.until("r", "text-delta")
    gate.release()
    async with visitor.socket() as socket:
        assert (await socket.resume("s")).text == "to the end"
    assert await exchanges(visitor, "s") == [("go", "to the end")]


async def test_a_socket_has_a_bounded_number_of_requests(visitor: Visitor, model: ScriptedOpenAI):
    """The thirty-third simultaneous request is refused; when one has ended there is room again."""
    gate = Gate()
    model.default = lambda request: Reply("x", gate=gate)
    async with visitor.socket() as socket:
        for number in range(32):
            await socket.send(send_frame(f"r{number}", f"s{number}", user_message("hi")))
        assert "32 requests" in await socket.complaint(send_frame("more", "s", user_message("hi")), "more")
        gate.release()
        for number in range(32):
            assert (await socket.answer(f"r{number}")).text == "x"
        assert (await socket.ask("s", "hi")).text == "x"


def memory_of(site: Site) -> int:
    """The kB of memory that the site's workers use."""
    pids = [pid for name, pid in site.pids().items() if name.startswith("web.")]
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return sum(int(status.split("VmRSS:")[1].split()[0]) for status in statuses)


async def resume_until_closed(socket: Socket, site: Site) -> int:
    """Request the answer again and again until the socket is closed, reading nothing; returns the workers' most kB."""
    most = 0
    async with asyncio.timeout(2 * SOON):
        with suppress(ConnectionClosed):
            for number in count():
                await socket.send(resume_frame(f"r{number}", "s"))
                most = max(most, memory_of(site))
                await asyncio.sleep(0.02)
    return most


async def test_a_client_that_never_reads_takes_no_memory(visitor: Visitor, model: ScriptedOpenAI):
    """A long answer that is replayed again and again but never read is not collected; its client is disconnected."""
    model.enqueue(Reply(["\N{TRUMPET}" * 1000] * 190))
    async with visitor.socket() as socket:
        assert len((await socket.ask("s", "tell me all")).text) == 190_000
        before = memory_of(visitor.site)
        async with visitor.socket() as silent:
            most = await resume_until_closed(silent, visitor.site)
        assert most - before < 20_000
        assert (await socket.resume("s")).last["type"] == "end", "other sockets are not affected"


async def test_a_client_that_reads_late_misses_nothing(visitor: Visitor, model: ScriptedOpenAI):
    """Many long answers, requested before the first is read, all arrive whole."""
    model.enqueue(Reply(["\N{TRUMPET}" * 1000] * 190))
    async with visitor.socket() as socket:
        answer = await socket.ask("s", "tell me all")
        names = [f"r{number}" for number in range(20)]
        for name in names:
            await socket.send(resume_frame(name, "s"))
        for name in names:
            assert (await socket.answer(name)).text == answer.text


@pytest.mark.parametrize("everywhere", [False, True])
async def test_signing_out_closes_the_sockets_of_every_worker(
    visitor: Visitor, model: ScriptedOpenAI, everywhere: bool
):
    """Each gets a sentence and the code of an expired visit, at once; the sockets of others stay open."""
    other = await visit(visitor.site)
    async with visitor.socket() as first, other.socket() as unaffected:
        answer = await first.ask("s", "hi")
        async with visitor.socket_apart(answer.pid) as second:
            await visitor.sign_out(everywhere=everywhere)
            for socket in (first, second):
                assert (await socket.next(""))["code"] == "access_denied"
                assert await socket.close_code() == 4401
        async with visitor.socket() as late:
            assert (await late.next(""))["errorText"].startswith("Your visit has expired. Reload the page.")
        assert (await unaffected.ask("s", "hi")).text == "You said: hi"


async def test_a_token_that_only_reads_sends_nothing(site: Site, model: ScriptedOpenAI):
    """It watches and resumes; a send gets a sentence, and the socket stays open."""
    token = manage(site, "issue_token", "--owner", "reader", "--scope", "read").strip()
    async with raw_socket(site, subprotocols=["ai-sdk.v1", f"bearer.{token}"]) as socket:
        refused = await socket.ask("s", "hi")
        assert (refused.last["code"], "scope turns" in refused.last["errorText"]) == ("access_denied", True)
        assert (await socket.resume("s")).last["type"] == "no-active"
    assert "hi" not in [request.text for request in model.requests]


async def test_revoking_a_token_closes_its_sockets(site: Site, model: ScriptedOpenAI):
    """Those opened with the token and those opened with its tickets, on every worker; a ticket opens only one."""
    token = manage(site, "issue_token", "--owner", "alice", "--name", "a shop").strip()
    offers = ["ai-sdk.v1", f"bearer.{token}"]
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        answer = await client.post("/api/ticket", headers={"Authorization": f"Bearer {token}"})
    query = f"?ticket={answer.json()['ticket']}"
    async with raw_socket(site, subprotocols=offers) as first, raw_socket(site, query) as second:
        assert (await first.ask("s", "hi")).text == (await second.ask("s2", "hi")).text == "You said: hi"
        async with raw_socket(site, query) as again:
            assert "used before" in (await again.next(""))["errorText"]
        await asyncio.to_thread(manage, site, "revoke_token", token.split(".")[2])
        for socket in (first, second):
            assert (await socket.next(""))["errorText"] == "This token was revoked. Ask for a new one."
            assert await socket.close_code() == 4401
    async with raw_socket(site, subprotocols=offers) as late:
        assert await late.close_code() == 4401


async def test_a_visitor_has_a_bounded_number_of_sockets(visitor: Visitor):
    """A visitor's sockets beyond the limit of every worker get a sentence and are closed."""
    async with AsyncExitStack() as sockets:
        opened = [await sockets.enter_async_context(visitor.socket()) for _ in range(101)]  # of 2 workers
        hearing = {asyncio.create_task(socket.next("")): socket for socket in opened}
        (refused, *_), others = await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
        await end_all(others)
        assert refused.result()["code"] == "too_many_sockets"
        assert (await hearing[refused].resume("s")).last["code"] == "too_many_sockets"
        assert await hearing[refused].close_code() == 4429


async def test_an_answer_has_a_bounded_number_of_replays(visitor: Visitor, model: ScriptedOpenAI):
    """An answer that is requested too often within a minute is refused, and the socket stays open."""
    async with visitor.socket() as socket:
        await socket.ask("s", "hi")
        kinds = [(await socket.resume("s")).last.get("code", "end") for _ in range(REPLAYS_A_MINUTE)]
        assert kinds[0] == "end"
        assert (await socket.ask("s", "ho")).last["type"] == "end"
    assert kinds[-1] == "too_many_replays"


async def test_a_worker_that_dies_takes_no_answer_along(visitor: Visitor, model: ScriptedOpenAI):
    """When an answer starts again after its worker's death, listeners are disconnected and resume all of it."""
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), Reply("an answer of its own"))
    async with visitor.socket() as doomed:
        await doomed.send(send_frame("a", "s", user_message("go")))
        begun = await doomed.until("a", "text-delta")
        async with visitor.socket_apart(begun.pid) as other:
            await other.send(resume_frame("b", "s"))
            await other.until("b", "text-delta")
            name = next(name for name, pid in visitor.site.pids().items() if pid == begun.pid)
            visitor.site.kill_child(name)
            assert await other.close_code() == 4012
    async with visitor.socket() as socket:
        answer = await socket.resume("s")
    assert (answer.text, answer.message_id) == ("an answer of its own", begun.message_id)
    assert await exchanges(visitor, "s") == [("go", "an answer of its own")]
    await asyncio.to_thread(visitor.site.wait_for_new, name, begun.pid)


@pytest.mark.parametrize("path", ["/ws/v2/chat", "/ws", "/", "/ws/v1/chat/"])
async def test_an_unknown_path_is_answered_and_closed(site: Site, path: str):
    """An unknown path is accepted and closed with a sentence: after a refused handshake a browser would keep trying."""
    async with connect(site.url.replace("http", "ws", 1) + path, proxy=None) as connection:
        assert "/ws/v1/chat" in json.loads(await connection.recv())["errorText"]
        await connection.wait_closed()
        assert connection.close_code == 4404
