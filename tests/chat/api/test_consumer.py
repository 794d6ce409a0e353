"""`ChatConsumer` with failures that cannot be produced on a whole site."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chat.api.codec import AbortRequest, Close, Output, Query, ResumeRequest, SendRequest
from chat.api.consumer import ChatConsumer
from chat.api.past import Past
from chat.api.subprotocols import CODECS
from chat.domain.events import Restarted, TextDelta, TurnFailed, TurnFinished, TurnStarted
from chat.domain.exceptions import ChatError, InvalidFrame, RunLogUnreachable, RunUnknown
from chat.domain.messages import Memory
from chat.domain.runs import Entry, RunState
from chat.domain.session_ids import Session
from chat.sockets.frame_limit import FRAMES_A_MINUTE
from chat.web.gates import AT_A_TIME
from chat.web.tokens import issue_token
from tests.ai_sdk.sockets import SOON, send_frame, user_message
from tests.chat.api.scripted_runs import ScriptedRuns
from tests.support.grants import OpenGrants
from tests.support.in_memory import DictMemory

STARTED = TurnStarted("t", "hi", "web.1", 1)
FINISHED = TurnFinished("Hi.")
RESUME = {"type": "resume", "requestId": "r", "id": "s"}


class Wire:
    """The server's side of a socket, for the consumer."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(self, frame: dict[str, Any]) -> None:
        await self.inbox.put({"type": "websocket.receive", "text": json.dumps(frame)})

    async def next(self) -> dict[str, Any]:
        """The next frame, or the close message."""
        async with asyncio.timeout(SOON):
            event = await self.outbox.get()
        if event["type"] != "websocket.send":
            return event
        frame: dict[str, Any] = json.loads(event["text"])
        return frame

    async def until(self, *kinds: str) -> dict[str, Any]:
        """The next frame of one of these types; frames before it are skipped."""
        while (frame := await self.next())["type"] not in kinds:
            pass
        return frame


def scope_of(*offered: str, query: bytes = b"", token: bool = True) -> dict[str, Any]:
    """The handshake of a client with a token."""
    offers = [*offered, *([f"bearer.{issue_token('bob', timedelta(hours=1))}"] if token else [])]
    return {"type": "websocket", "headers": [], "query_string": query, "subprotocols": offers}


@asynccontextmanager
async def connected(
    runs: ScriptedRuns,
    memory: DictMemory | None = None,
    *,
    subprotocol: str = "ai-sdk.v1",
    query: bytes = b"",
    token: bool = True,
) -> AsyncIterator[Wire]:
    """A socket of a client with a token, open inside the block."""
    wire = Wire()
    parts = SimpleNamespace(runs=runs, memory=memory or DictMemory(), grants=OpenGrants())
    consumer = ChatConsumer.as_asgi(parts=lambda: parts)
    scope = scope_of(subprotocol, query=query, token=token)
    serving = asyncio.create_task(consumer(scope, wire.inbox.get, wire.outbox.put))
    await wire.inbox.put({"type": "websocket.connect"})
    assert await wire.next() == {"type": "websocket.accept", "subprotocol": subprotocol}
    try:
        yield wire
    finally:
        await wire.inbox.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(serving, SOON)


def running(turn_id: str = "t", text: str = "hi", *, ended: bool = False) -> RunState:
    return RunState(turn_id, 1, text, ended)


@pytest.mark.parametrize(("told", "code"), [(RunLogUnreachable(), 4013), (Restarted(), 4012)])
async def test_an_answer_that_may_go_on_elsewhere_closes_the_socket(told: Any, code: int):
    """If the log is unreachable or the answer starts again, the socket is closed without an error frame."""
    async with connected(ScriptedRuns(STARTED, told, state=running())) as wire:
        await wire.send(RESUME)
        assert await wire.until("websocket.close", "error", "end") == {"type": "websocket.close", "code": code}


async def test_a_run_that_is_forgotten_meanwhile_is_not_active():
    """A run that expires while it is looked up is treated like one that never existed."""
    async with connected(ScriptedRuns(RunUnknown(), state=running())) as wire:
        await wire.send(RESUME)
        assert await wire.until("no-active", "error") == {"type": "no-active", "requestId": "r"}


async def test_an_unforeseen_error_is_one_sentence(caplog: pytest.LogCaptureFixture):
    """An unforeseen error is logged and ends its request with a sentence, but not the socket."""
    async with connected(ScriptedRuns(ValueError("a fault"), state=running())) as wire:
        for _ in range(2):
            await wire.send(RESUME)
            failed = await wire.until("error")
            assert failed["code"] == "internal"
            assert failed["errorText"] == "Something went wrong here. Try again."
    assert "a fault" in caplog.text


async def test_an_owner_has_a_few_resumes_looked_up_at_a_time():
    """However many resumes arrive on however many sockets, an owner's next ones wait for their turn."""
    looked_up, go_on = asyncio.Semaphore(0), asyncio.Event()

    class SlowRuns(ScriptedRuns):
        async def current(self, session: Session) -> RunState | None:
            looked_up.release()
            await go_on.wait()
            return None

    runs = SlowRuns()
    async with connected(runs) as first, connected(runs) as second:
        for wire in (first, second):
            for number in range(3):
                await wire.send({"type": "resume", "requestId": str(number), "id": "s"})
        for _ in range(AT_A_TIME):
            await asyncio.wait_for(looked_up.acquire(), SOON)
        for wire in (first, second):  # a refusal comes after the frames before it were taken
            await wire.send({"type": "unknown"})
            assert (await wire.next())["type"] == "error"
        assert looked_up.locked(), "a third was looked up meanwhile"
        go_on.set()
        for wire in (first, second):
            assert {(await wire.until("no-active"))["requestId"] for _ in range(3)} == {"0", "1", "2"}


async def test_a_closing_socket_leaves_no_listener():
    """When a socket closes its listeners end, but the run is not stopped."""
    runs = ScriptedRuns(STARTED, asyncio.Event(), state=running())
    async with connected(runs) as wire:
        await wire.send(RESUME)
        await wire.until("chunk")
        assert runs.listeners == 1
    assert (runs.listeners, runs.stopped) == (0, [])


async def test_a_cancelled_consumer_leaves_no_listener():
    """Listeners end even if Daphne cancels the consumer without reporting that the client has left."""
    runs, wire = ScriptedRuns(STARTED, asyncio.Event(), state=running()), Wire()
    consumer = ChatConsumer.as_asgi(parts=lambda: SimpleNamespace(runs=runs, memory=DictMemory(), grants=OpenGrants()))
    serving = asyncio.create_task(consumer(scope_of("ai-sdk.v1"), wire.inbox.get, wire.outbox.put))
    await wire.inbox.put({"type": "websocket.connect"})
    await wire.send(RESUME)
    await wire.until("chunk")
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert runs.listeners == 0


async def test_a_message_that_came_to_nothing_is_tried_again():
    """A message sent again after its turn failed, or was forgotten, is a new turn."""
    for told in ((STARTED, TurnFailed("model_stalled", "No.", True)), (RunUnknown(),)):
        runs = ScriptedRuns(*told, state=running(ended=True))
        async with connected(runs) as wire:
            await wire.send(send_frame("r", "s", user_message("hi", id="m")))
            await wire.until("end", "error")
        assert len(set(runs.started)) == 2


async def test_a_message_that_was_answered_is_not_asked_again():
    """A message sent again after its turn was remembered replays that turn."""
    runs = ScriptedRuns(STARTED, TextDelta("Hi."), FINISHED, state=running(ended=True))
    async with connected(runs) as wire:
        await wire.send(send_frame("r", "s", user_message("hi", id="m")))
        await wire.until("end")
    assert len(runs.started) == 1


async def test_an_old_answer_is_found_in_the_memory():
    """If the run is no longer known, the memory decides whether a message to be regenerated has an answer."""
    memory = DictMemory()
    memory.seed(Session("bob.s"), "hi", "Hi.")
    runs = ScriptedRuns(STARTED, FINISHED)
    async with connected(runs, memory) as wire:
        for text in ("hi", "Hi."):
            await wire.send(send_frame("r", "s", user_message(text), trigger="regenerate-message"))
            await wire.until("end")
    assert runs.places == ["0", None]


async def test_a_regeneration_that_is_asked_for_again_is_the_same_attempt():
    """With an idempotency key, a repeated regenerate replays its first attempt."""
    runs = ScriptedRuns(STARTED, FINISHED, state=running("k", ended=True))
    fields: dict[str, Any] = {"trigger": "regenerate-message", "body": {"idempotencyKey": "k"}}
    async with connected(runs) as wire:
        await wire.send(send_frame("r", "s", user_message("hi"), **fields))
        assert (await wire.until("error", "end"))["type"] == "end"
    assert runs.started == ["k"]


async def test_a_socket_that_sends_without_end_is_refused():
    """A client that sends too many frames is refused before anything is looked up."""
    runs = ScriptedRuns()
    async with connected(runs) as wire:
        for _ in range(FRAMES_A_MINUTE + 1):
            await wire.send(RESUME)
            answer = await wire.next()
        assert (answer["type"], answer["code"]) == ("error", "too_many_frames")


# --- Codecs ---------------------------------------------------------------------------------------------------------


class Shouted:
    """A codec for tests: frames are words, a turn is one word, and the connection ends with the answer."""

    def __init__(self, query: Query) -> None:
        self._resumed = query.get("resume", [])

    def opening(self) -> ResumeRequest | None:
        return ResumeRequest("at-once", self._resumed[0]) if self._resumed else None

    def decode(self, frame: str) -> SendRequest | ResumeRequest | AbortRequest:
        if frame == "STOP":
            return AbortRequest("r")
        if not frame.isupper():
            raise InvalidFrame("no_text")
        return SendRequest("r", "s", frame, turn_id=frame)

    def request_id_of(self, frame: str) -> str:
        return ""

    async def answer(
        self, request_id: str, entries: AsyncGenerator[Entry], *, past: Past, resumed: bool = False
    ) -> AsyncGenerator[Output]:
        async with aclosing(entries):
            async for entry in entries:
                if isinstance(entry.event, TextDelta):
                    yield json.dumps({"type": "shout", "text": entry.event.text.upper()})

    async def memories(self, request_id: str, memories: AsyncGenerator[Memory]) -> AsyncGenerator[Output]:
        async with aclosing(memories):
            async for memory in memories:
                yield json.dumps({"type": "shout", "text": f"{len(memory.messages)}!"})

    def end(self, request_id: str) -> list[Output]:
        return [Close(1000)]

    def nothing_to_resume(self, request_id: str) -> list[Output]:
        return [Close(1008)]

    def failure(self, request_id: str, error: ChatError) -> list[Output]:
        return [json.dumps({"type": "failed", "of": request_id, "why": error.code})]


@pytest.fixture
def shouted(monkeypatch: pytest.MonkeyPatch) -> str:
    """The subprotocol of a codec that only this test knows."""
    monkeypatch.setitem(CODECS, "shouted.v1", Shouted)
    return "shouted.v1"


async def test_a_codec_decides_over_every_frame(shouted: str):
    """The codec decodes frames and encodes answers, failures and their ends."""
    runs = ScriptedRuns(TurnStarted("HI", "HI", "web.1", 1), TextDelta("Hello."), FINISHED)
    async with connected(runs, subprotocol=shouted) as wire:
        await wire.inbox.put({"type": "websocket.receive", "text": "hi"})
        assert await wire.next() == {"type": "failed", "of": "", "why": "invalid_frame"}
        await wire.inbox.put({"type": "websocket.receive", "text": "STOP"})
        assert await wire.next() == {"type": "failed", "of": "r", "why": "already_finished"}
        await wire.inbox.put({"type": "websocket.receive", "text": "HI"})
        assert await wire.next() == {"type": "shout", "text": "HELLO."}
        assert await wire.next() == {"type": "websocket.close", "code": 1000}
    assert runs.started == ["HI"]


@pytest.mark.parametrize(("state", "code"), [(running("t"), 1000), (None, 1008)])
async def test_an_address_may_ask_for_an_answer(shouted: str, state: RunState | None, code: int):
    """A codec may find a request in the address, before the first frame."""
    runs = ScriptedRuns(STARTED, TextDelta("Hello."), state=state)
    async with connected(runs, subprotocol=shouted, query=b"resume=s") as wire:
        assert await wire.until("websocket.close") == {"type": "websocket.close", "code": code}


async def test_an_unknown_subprotocol_is_refused_in_words():
    """The socket is accepted, gets a sentence, the same in answer to its first request, and is closed with 4400."""
    runs = ScriptedRuns(STARTED, state=running())
    async with connected(runs, subprotocol="other.v1") as wire:
        for request_id in ("", "r"):
            refused = await wire.next()
            assert (refused["type"], refused["requestId"]) == ("error", request_id)
            assert refused["code"] == "unknown_subprotocol"
            assert "ai-sdk.v1" in refused["errorText"]
            if not request_id:
                await wire.send(RESUME)
        assert await wire.next() == {"type": "websocket.close", "code": 4400}
        await wire.send(RESUME)
    assert wire.outbox.empty()


async def test_a_refused_socket_without_a_request_is_closed(monkeypatch: pytest.MonkeyPatch):
    """After a while, or at once if many are waiting."""
    closed = {"type": "websocket.close", "code": 4400}
    monkeypatch.setattr("chat.api.consumer.refused_sockets", asyncio.Semaphore(1))
    async with connected(ScriptedRuns(), subprotocol="other.v1") as waiting:
        assert (await waiting.next())["type"] == "error"
        async with connected(ScriptedRuns(), subprotocol="other.v1") as wire:
            assert [await wire.next() for _ in range(2)][1] == closed
        assert waiting.outbox.empty()
    monkeypatch.setattr("chat.api.consumer.REQUEST_WITHIN", 0.01)
    async with connected(ScriptedRuns(), subprotocol="other.v1") as wire:
        assert [await wire.next() for _ in range(2)][1] == closed


async def test_a_refused_socket_with_a_request_in_its_address_is_closed_at_once(shouted: str):
    """The request is answered, too."""
    async with connected(ScriptedRuns(), subprotocol=shouted, query=b"resume=s&ticket=forged", token=False) as wire:
        assert [(await wire.next())["of"] for _ in range(2)] == ["", "at-once"]
        assert await wire.next() == {"type": "websocket.close", "code": 4401}


async def test_nothing_is_sent_after_a_close():
    """After a close other answers of the same socket send nothing more."""
    gate = asyncio.Event()
    runs = ScriptedRuns(STARTED, gate, Restarted(), state=running())
    async with connected(runs) as wire:
        for request_id in ("a", "b"):
            await wire.send({**RESUME, "requestId": request_id})
            await wire.until("chunk")
        gate.set()
        assert await wire.next() == {"type": "websocket.close", "code": 4012}
    assert wire.outbox.empty()
