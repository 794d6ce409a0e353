"""How `chat.model.client` handles everything that can happen to a stream, with the real libraries."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from chat.domain.exceptions import (
    ModelBusy,
    ModelCut,
    ModelError,
    ModelFailed,
    ModelNotUnderstood,
    ModelRefused,
    ModelStalled,
    ModelUnreachable,
)
from chat.domain.messages import Reasoning
from chat.model import retries
from chat.model.client import ChatModel
from tests.chat.model.servers import SERVERS, THINKING, events_of
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, free_port

LOGGER = "chat.model.client"
PROMPT = [SystemMessage("Be brief."), HumanMessage("hi im bob")]


@pytest.fixture
async def model(scripted_openai: ScriptedOpenAI) -> AsyncIterator[ChatModel]:
    """A model with enough patience for every test."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    yield model
    await model.aclose()


def event(text: str | None, finish: str | None = None) -> bytes:
    """An event of a model's stream, as on the wire."""
    delta = {} if text is None else {"content": text}
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


async def ended(model: ChatModel) -> tuple[str, ModelError | None]:
    """The whole reply and the error that ended it."""
    pieces: list[str | Reasoning] = []
    failure = None
    try:
        async for piece in model.stream_reply(PROMPT):
            pieces.append(piece)  # noqa: PERF401 - what came before the error counts
    except ModelError as error:
        failure = error
    return text_of(pieces), failure


async def reply_of(model: ChatModel) -> list[str | Reasoning]:
    return [piece async for piece in model.stream_reply(PROMPT)]


def text_of(pieces: list[str | Reasoning]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def thoughts_of(pieces: list[str | Reasoning]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Reasoning))


async def test_a_reply_comes_piece_by_piece(model: ChatModel, scripted_openai: ScriptedOpenAI) -> None:
    """The reply has the model's pieces, and the request the prompt, the model's name and the key."""
    gate = Gate()
    scripted_openai.enqueue(Reply(["Hi", "", " Bob"], gate=gate, gate_at=1))
    pieces = []
    async for piece in model.stream_reply(PROMPT):
        pieces.append(piece)
        gate.release()
    assert pieces == ["Hi", " Bob"]
    request = scripted_openai.requests[0]
    assert (request.path, request.model, request.stream) == ("/v1/chat/completions", "scripted", True)
    assert request.headers["authorization"] == "Bearer key"
    assert request.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi im bob"},
    ]


async def test_the_first_piece_does_not_wait_for_the_second(model: ChatModel, scripted_openai: ScriptedOpenAI) -> None:
    """The first piece is given before the second arrives."""
    gate = Gate()
    scripted_openai.enqueue(Reply(["a", "b"], gate=gate, gate_at=1))
    async with aclosing(model.stream_reply(PROMPT)) as stream:
        assert await anext(stream) == "a"
        gate.release()
        assert await anext(stream) == "b"


async def test_many_streams_are_each_read_less_often(model: ChatModel, scripted_openai: ScriptedOpenAI) -> None:
    """With many streams text is joined to fewer pieces without loss, and first pieces are not delayed."""
    many, words = 30, ["w "] * 40
    scripted_openai.enqueue(*[Reply(words, pace=0.01) for _ in range(many)])
    replies = await asyncio.gather(*[reply_of(model) for _ in range(many)])
    assert [text_of(reply) for reply in replies] == ["w " * 40] * many
    assert sum(map(len, replies)) < many * len(words) / 2


async def test_leaving_a_stream_closes_its_connection(model: ChatModel, scripted_openai: ScriptedOpenAI) -> None:
    """Closing the iterator closes the connection, so the model stops writing."""
    scripted_openai.enqueue(Reply(["a", "b"], gate=Gate(), gate_at=1))
    async with aclosing(model.stream_reply(PROMPT)) as stream:
        await anext(stream)
    await scripted_openai.wait_for_disconnect()


async def test_cancelling_a_stream_closes_its_connection(model: ChatModel, scripted_openai: ScriptedOpenAI) -> None:
    """Cancelling the task while it waits for a piece closes the connection."""
    scripted_openai.enqueue(Reply(["a"], gate=Gate()))
    task = asyncio.create_task(reply_of(model))
    await scripted_openai.wait_for_request()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await scripted_openai.wait_for_disconnect()


@pytest.mark.parametrize("status", [400, 401, 404, 422])
async def test_a_refusal_is_a_sentence(model: ChatModel, scripted_openai: ScriptedOpenAI, status: int) -> None:
    """A refusal has a sentence with advice and is not retried."""
    scripted_openai.enqueue(Reply(status=status))
    with pytest.raises(ModelRefused, match=r"\.$"):
        await reply_of(model)
    assert len(scripted_openai.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(429, ModelBusy), (500, ModelFailed), (503, ModelBusy), (502, ModelFailed)]
)
async def test_a_busy_model_is_asked_again(
    model: ChatModel, scripted_openai: ScriptedOpenAI, status: int, error: type[Exception]
) -> None:
    """One failure is retried unnoticed; repeated ones fail the turn with a sentence."""
    busy = Reply(status=status, headers={"retry-after-ms": "1"})
    scripted_openai.enqueue(busy, "Hi")
    assert await reply_of(model) == ["Hi"]
    scripted_openai.enqueue(busy, busy, busy)
    with pytest.raises(error, match=r"\.$"):
        await reply_of(model)


async def test_a_model_that_is_not_there_is_unreachable() -> None:
    """Without a connection the model is unreachable."""
    model = ChatModel("none", base_url=f"http://127.0.0.1:{free_port()}/v1", patience=10 * PATIENCE)
    with pytest.raises(ModelUnreachable):
        await reply_of(model)
    await model.aclose()


@pytest.mark.parametrize("reply", [Reply(["a", "b"], cut_after=1), Reply(["a"], error="overloaded")])
async def test_a_broken_stream_is_stalled(model: ChatModel, scripted_openai: ScriptedOpenAI, reply: Reply) -> None:
    """A cut connection and an error in the stream are never treated as a complete reply."""
    scripted_openai.enqueue(reply)
    async with aclosing(model.stream_reply(PROMPT)) as stream:
        assert await anext(stream) == "a"
        with pytest.raises(ModelStalled):
            await anext(stream)


async def test_a_model_that_never_begins_is_given_up_as_soon_as_any(scripted_openai: ScriptedOpenAI) -> None:
    """The patience covers all retries together."""
    patience = 1 * PATIENCE
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=patience)
    scripted_openai.enqueue(*[Reply("late", delay=20 * PATIENCE)] * 3)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(ModelStalled):
        await reply_of(model)
    assert asyncio.get_running_loop().time() - begun < 2 * patience
    await model.aclose()


async def test_a_silent_model_is_given_up(scripted_openai: ScriptedOpenAI) -> None:
    """A model that falls silent in the middle of a reply is given up after ``patience`` seconds."""
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=1 * PATIENCE)
    scripted_openai.enqueue(Reply(["a", "b"], gate=Gate(), gate_at=1))
    async with aclosing(model.stream_reply(PROMPT)) as stream:
        assert await anext(stream) == "a"
        with pytest.raises(ModelStalled):
            await anext(stream)
    await model.aclose()


@pytest.mark.parametrize(
    "raw",
    [
        [event("so "), event("far")],
        [event("so "), event("far").rstrip()],
        [event("so far"), b'event: error\ndata: {"message": "boom"}\n\n', DONE],
        [event("so far") + b"data: oops\n\n"],
        [event("so far"), b"data: null\n\n", DONE],
        [event("so far"), b'data: {"choices": 7}\n\n', DONE],
        [event("so far"), event(None, "error"), DONE],
        [event("so far", "")],
    ],
    ids=["no end", "half a line", "error event", "no JSON", "null", "no choices", "finish error", "empty finish"],
)
async def test_what_came_before_a_stream_breaks_off_is_no_answer(
    model: ChatModel, scripted_openai: ScriptedOpenAI, raw: list[bytes]
) -> None:
    """The text before a stream breaks off is given, followed by an error."""
    scripted_openai.enqueue(Reply(raw=raw))
    said, error = await ended(model)
    assert (said, type(error), str(error)) == ("so far", ModelStalled, str(ModelStalled()))


@pytest.mark.parametrize("end", [event(None, "stop"), event(None, "stop").rstrip(), DONE, DONE.rstrip()])
async def test_an_answer_that_says_its_end_is_whole(
    model: ChatModel, scripted_openai: ScriptedOpenAI, end: bytes
) -> None:
    """A finish reason or OpenAI's last event completes an answer; chunks without choices are ignored."""
    scripted_openai.enqueue(Reply(raw=[event("whole"), b'data: {"choices": null}\n\n', end]))
    assert await ended(model) == ("whole", None)


async def test_each_try_that_fails_is_reported(
    scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those behind which another one follows."""
    monkeypatch.setattr(retries, "PAUSES", (0.001, 0.001))
    names: list[str] = []
    model = ChatModel("scripted", base_url=scripted_openai.url, on_failure=names.append)
    for failures in (3, 2):
        scripted_openai.enqueue(*[Reply(status=500, error="no")] * failures)
        await ended(model)
    assert names == ["model_failed"] * 5
    assert model.last_calls.state == "ok"
    await model.aclose()


@pytest.mark.parametrize("breaks", [True, False], ids=["broken", "silent"])
async def test_a_connection_may_fail_behind_the_end_of_an_answer(breaks: bool) -> None:
    """An answer that has said why it ends is whole, even if its stream then breaks off, or stays open."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
        said = event("whole", "stop")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(said), said))
        if not breaks:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        patience = 20 * PATIENCE if breaks else 1 * PATIENCE
        model = ChatModel("scripted", base_url=f"http://127.0.0.1:{port}/v1", patience=patience)
        assert await ended(model) == ("whole", None)
        assert model.last_calls.state == "ok"
        await model.aclose()


@pytest.mark.parametrize("server", SERVERS)
async def test_the_chunks_of_other_servers_are_understood(
    model: ChatModel, scripted_openai: ScriptedOpenAI, server: str
) -> None:
    """An answer is whole whatever its server leaves out, adds or spells in its own way, and comes without reasoning."""
    raw = events_of(server)
    scripted_openai.enqueue(Reply(raw=[*raw, DONE]), Reply(raw=[b"".join([*raw, DONE])]))
    assert await ended(model) == ("Hello there", None)
    assert await ended(model) == ("Hello there", None)


@pytest.mark.parametrize("server", THINKING)
async def test_reasoning_comes_apart_from_the_text(
    model: ChatModel, scripted_openai: ScriptedOpenAI, server: str
) -> None:
    """Reasoning is given apart, before the text, however its server sends it."""
    scripted_openai.enqueue(Reply(raw=[*events_of(server), DONE]))
    pieces = await reply_of(model)
    assert (thoughts_of(pieces), text_of(pieces)) == ("Hm", "Hello there")
    assert isinstance(pieces[0], Reasoning)


async def test_a_leading_think_block_is_reasoning(model: ChatModel, scripted_openai: ScriptedOpenAI) -> None:
    """A block in tags at the beginning is reasoning wherever its pieces end; a later one is text."""
    whole = "<think>\nHm.</think>\n\nHello <think>there</think>"
    scripted_openai.enqueue(Reply(list(whole)), Reply([whole]))
    for pieces in (await reply_of(model), await reply_of(model)):
        assert (thoughts_of(pieces), text_of(pieces)) == ("Hm.", "Hello <think>there</think>")


async def test_an_unclosed_think_block_is_text_only_at_a_normal_end(
    model: ChatModel, scripted_openai: ScriptedOpenAI
) -> None:
    """A complete answer has an unclosed block as text, one that was cut or broke off has no text."""
    scripted_openai.enqueue(Reply("<think>Hm."), Reply("<think>Hm.", finish_reason="length"))
    assert await ended(model) == ("<think>Hm.", None)
    said, error = await ended(model)
    assert (said, str(error)) == ("", str(ModelCut("length", thinking=True)))
    scripted_openai.enqueue(Reply(["<think>", "Hm."], cut_after=2))
    said, error = await ended(model)
    assert (said, str(error)) == ("", str(ModelStalled()))


async def test_reasoning_without_an_end_is_ended(scripted_openai: ScriptedOpenAI) -> None:
    """Reasoning has the limit of a reply for itself, and the connection is closed to stop the model."""
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=20 * PATIENCE, most_chars=7)
    scripted_openai.enqueue(Reply(["<think>", "12345", "67890", "more"], gate=Gate(), gate_at=3))
    said, error = await ended(model)
    assert (said, str(error)) == ("", str(ModelCut("length", thinking=True, bound=True)))
    await scripted_openai.wait_for_disconnect()
    await model.aclose()


@pytest.mark.parametrize("cut", ["length", "content_filter"])
async def test_an_answer_that_the_model_cut_short_says_so(
    model: ChatModel, scripted_openai: ScriptedOpenAI, cut: str
) -> None:
    """A cut reply is given as far as it goes, followed by `ModelCut`."""
    scripted_openai.enqueue(Reply("as far as this", finish_reason=cut))
    said, error = await ended(model)
    assert said == "as far as this"
    assert isinstance(error, ModelCut)
    assert error.cut == cut


@pytest.mark.parametrize(("begun", "reason"), [("so far", "length"), ("", "length_thinking")])
async def test_an_answer_that_fills_the_context_is_cut_short(
    model: ChatModel, scripted_openai: ScriptedOpenAI, begun: str, reason: str
) -> None:
    """llama.cpp reports it as an error in the stream; to ask again would not help."""
    full = b'data: {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}\n\n'
    thought = b'data: {"choices": [{"delta": {"reasoning_content": "Hm"}}]}\n\n'
    scripted_openai.enqueue(Reply(raw=[thought, *([event(begun)] if begun else []), full]))
    said, error = await ended(model)
    assert isinstance(error, ModelCut)
    assert (said, error.reason) == (begun, reason)


async def test_a_reply_that_does_not_end_is_ended(scripted_openai: ScriptedOpenAI) -> None:
    """A reply is cut at exactly the limit, and the connection is closed to stop the model."""
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=20 * PATIENCE, most_chars=7)
    scripted_openai.enqueue(Reply(["12345", "67890", "more"], gate=Gate(), gate_at=2))
    said, error = await ended(model)
    assert said == "1234567"
    assert isinstance(error, ModelCut)
    assert error.cut == "length"
    await scripted_openai.wait_for_disconnect()
    await model.aclose()


@pytest.mark.parametrize("begun", [[], [event("so far")]], ids=["nothing", "something"])
async def test_comments_are_silence(scripted_openai: ScriptedOpenAI, begun: list[bytes]) -> None:
    """A model that sends only comments is given up like a silent one."""
    patience = 0.5 * PATIENCE
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=patience)
    scripted_openai.enqueue(Reply(raw=[*begun, *[b": ping\n\n"] * 100, event("late", "stop")], pace=patience / 5))
    before = asyncio.get_running_loop().time()
    said, error = await ended(model)
    assert (said, type(error)) == ("so far" if begun else "", ModelStalled)
    assert asyncio.get_running_loop().time() - before < 3 * patience
    await model.aclose()


async def test_the_time_that_its_reader_takes_is_not_the_models(scripted_openai: ScriptedOpenAI) -> None:
    """A slow reader is not cancelled, and gets all text that has arrived since."""
    patience = 0.6 * PATIENCE
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=patience)
    gate = Gate()
    scripted_openai.enqueue(Reply(["a", "b"], gate=gate, gate_at=1))
    said = []
    async for text in model.stream_reply(PROMPT):
        said.append(text)
        gate.release()
        await asyncio.sleep(2 * patience)
    assert said == ["a", "b"]
    await model.aclose()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}'),
        ("text/html", b"<html>\n<body>Log in</body></html>"),
        ("text/event-stream", (event("hi") + event(None, "stop") + DONE).replace(b"\n", b"\r")),
        ("text/event-stream", b"data: oops\n\n"),
        ("text/event-stream", b"data: null\n\n" + DONE),
    ],
    ids=["JSON", "HTML", "CR", "no JSON", "null"],
)
async def test_what_is_no_chat_model_is_not_said_to_have_begun(
    model: ChatModel, scripted_openai: ScriptedOpenAI, content_type: str, body: bytes
) -> None:
    """A response from something else than a chat model has a sentence with advice."""
    scripted_openai.enqueue(Reply(raw=[body], content_type=content_type))
    said, error = await ended(model)
    assert (said, type(error)) == ("", ModelNotUnderstood)
    assert "OPENAI_BASE_URL" in str(error)


async def test_a_model_that_fails_before_its_first_word_is_not_said_to_have_begun(
    model: ChatModel, scripted_openai: ScriptedOpenAI
) -> None:
    """An error before the first word says that the model did not begin."""
    for raw in ([], [b'data: {"error": {"message": "boom"}}\n\n']):
        scripted_openai.enqueue(Reply(raw=raw))
        said, error = await ended(model)
        assert (said, type(error), "middle" in str(error)) == ("", ModelStalled, False)


async def test_a_failed_call_is_a_line_in_the_log(
    model: ChatModel, scripted_openai: ScriptedOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """The line has the error's code, the status and the time until then, and no word of prompt or answer."""
    scripted_openai.enqueue(Reply(status=401, error="bob may not"), Reply(["so far"], error="bob again"), "")
    for _ in range(3):
        await ended(model)
    lines = [re.sub(r"[\d.]+ s", "0 s", record.getMessage()) for record in caplog.records if record.name == LOGGER]
    assert lines == [
        "A model call failed after 0 s: model_refused.key, status 401.",
        "A model call failed after 0 s: model_stalled.midway, status 500.",
        "A model call failed after 0 s: model_silent, status unknown.",
    ]
    assert {record.levelname for record in caplog.records if record.name == LOGGER} == {"WARNING"}


@pytest.mark.parametrize("reply", [Reply("Hi"), Reply("as far as this", finish_reason="length")])
async def test_an_answer_is_no_line_in_the_log(
    model: ChatModel, scripted_openai: ScriptedOpenAI, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    """Neither is one that was cut short."""
    scripted_openai.enqueue(reply)
    await ended(model)
    assert [record for record in caplog.records if record.name == LOGGER] == []
