"""The scripted model answers real clients as OpenAI would, and reports to the test what happened."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import httpx2
import openai
import pytest

from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI

HELLO: Any = [{"role": "user", "content": "hi im bob"}]


@pytest.fixture
async def client(scripted_openai: ScriptedOpenAI):
    async with httpx.AsyncClient(base_url=scripted_openai.url, trust_env=False) as http:
        yield http


def openai_client(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key="none", max_retries=0)


async def streamed(client: httpx.AsyncClient, **body: object) -> list[str]:
    answer = await client.post("/chat/completions", json={"messages": HELLO, "stream": True, **body})
    return [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]


async def test_queued_answers_come_in_order_then_the_default(scripted_openai, client):
    """Each queued answer is given once; afterwards the default makes answers from the requests."""
    scripted_openai.enqueue("one", "two")
    answers = [await client.post("/chat/completions", json={"messages": HELLO}) for _ in range(3)]
    texts = [answer.json()["choices"][0]["message"]["content"] for answer in answers]
    assert texts == ["one", "two", "You said: hi im bob"]
    assert scripted_openai.pending == 0


def test_it_records_its_requests(scripted_openai):
    """Path, headers, model and messages of a request can be read afterwards."""
    with openai_client(scripted_openai.url) as client:
        client.chat.completions.create(model="gpt-x", messages=HELLO)
    request = scripted_openai.requests[0]
    assert (request.path, request.model, request.text) == ("/v1/chat/completions", "gpt-x", "hi im bob")
    assert request.headers["authorization"] == "Bearer none"


async def test_a_stream_ends_with_its_reason_usage_and_done(scripted_openai, client):
    """A streamed answer has one event per word, the finish reason, the usage if requested, and [DONE]."""
    scripted_openai.enqueue(Reply("Hello, dear Bob.", finish_reason="length", usage=(5, 3)))
    events = await streamed(client, stream_options={"include_usage": True})
    assert len(events) == 6
    assert '"content":"dear "' in events[1]
    assert '"finish_reason":"length"' in events[3]
    assert '"total_tokens":8' in events[4]
    assert events[5] == "[DONE]"


async def test_no_usage_is_streamed_unless_asked_for(scripted_openai, client):
    """Without stream_options, the stream has no usage."""
    assert "usage" not in "".join(await streamed(client))


def test_plain_completions_answer_each_prompt(scripted_openai):
    """A completion of two prompts has two choices, streamed or not."""
    scripted_openai.enqueue("Hi.", "Hi.")
    with openai_client(scripted_openai.url) as client:
        whole = client.completions.create(model="m", prompt=["a", "b"])
        stream = client.completions.create(model="m", prompt="a", stream=True)
        text = "".join(chunk.choices[0].text for chunk in stream)
    assert [choice.text for choice in whole.choices] == ["Hi.", "Hi."]
    assert text == "Hi."
    assert [request.prompts for request in scripted_openai.requests] == [["a", "b"], ["a"]]


def test_a_failure_has_its_status_message_and_headers(scripted_openai):
    """A scripted failure reaches OpenAI's client as the matching error."""
    scripted_openai.enqueue(Reply(status=429, error="Slow down.", headers={"Retry-After": "7"}))
    with (
        openai_client(scripted_openai.url) as client,
        pytest.raises(openai.RateLimitError, match="Slow down") as caught,
    ):
        client.chat.completions.create(model="m", messages=HELLO)
    assert caught.value.response.headers["retry-after"] == "7"


async def test_a_cut_stream_breaks_in_the_middle(scripted_openai, client):
    """A stream that is cut after two chunks delivers these, and then the connection breaks."""
    scripted_openai.enqueue(Reply(["a", "b", "c"], cut_after=2))
    seen: list[str] = []

    async def read() -> None:
        body = {"messages": HELLO, "stream": True}
        async with client.stream("POST", "/chat/completions", json=body) as answer:
            async for line in answer.aiter_lines():
                seen.append(line)  # noqa: PERF401 - a comprehension would lose the lines before the break

    with pytest.raises(httpx.RemoteProtocolError):
        await read()
    assert ('"b"' in "".join(seen), '"c"' in "".join(seen)) == (True, False)


async def test_a_plain_answer_can_be_cut_too(scripted_openai, client):
    """Without streaming, a cut answer is a broken connection."""
    scripted_openai.enqueue(Reply("never whole", cut_after=0))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/chat/completions", json={"messages": HELLO})


def test_an_error_in_the_stream_is_raised_by_the_client(scripted_openai):
    """An error after the first chunks reaches OpenAI's client as an APIError."""
    scripted_openai.enqueue(Reply("so far ", error="The model fell over."))
    with openai_client(scripted_openai.url) as client, pytest.raises(openai.APIError, match="fell over"):
        list(client.chat.completions.create(model="m", messages=HELLO, stream=True))


async def test_a_gate_holds_an_answer_until_it_is_released(scripted_openai, client):
    """An answer waits at its gate in the middle of the stream until the test lets it go on."""
    gate = Gate()
    scripted_openai.enqueue(Reply(["a", "b"], gate=gate, gate_at=1))
    answer = asyncio.create_task(streamed(client))
    await gate.reached()
    assert not answer.done()
    gate.release()
    assert '"content":"b"' in (await answer)[1]


async def test_forgetting_opens_the_gates(scripted_openai, client):
    """An answer that waits at a gate goes on, and the replies behind it in the queue are dropped."""
    scripted_openai.enqueue(Reply("hello", gate=(gate := Gate())), "for another test")
    answering = asyncio.create_task(streamed(client))
    await gate.reached()
    scripted_openai.forget()
    assert '"content":"hello"' in "".join(await answering)
    assert '"content":"said: "' in "".join(await streamed(client))


async def test_it_notices_clients_that_leave_before_the_end(scripted_openai, client):
    """A client that closes the connection in the middle of a stream is counted."""
    scripted_openai.enqueue(Reply("a b", gate=Gate(), gate_at=1))
    async with client.stream("POST", "/chat/completions", json={"messages": HELLO, "stream": True}):
        await scripted_openai.wait_for_request(1)
    assert (await scripted_openai.wait_for_disconnect(1)).text == "hi im bob"


async def test_complete_answers_are_not_disconnects(scripted_openai, client):
    """Closing the connection after the end of an answer is not counted."""
    await streamed(client)
    await client.aclose()
    assert scripted_openai.disconnects == []


async def test_replies_can_wait_for_a_certain_request(scripted_openai, client):
    """A reply queued with ``when`` skips the requests that do not match."""
    scripted_openai.enqueue("a summary", when=lambda request: request.model == "small")
    scripted_openai.enqueue("an answer")
    first = await client.post("/chat/completions", json={"model": "big", "messages": HELLO})
    second = await client.post("/chat/completions", json={"model": "small", "messages": HELLO})
    assert "an answer" in first.text
    assert "a summary" in second.text


def test_embeddings_are_the_same_for_the_same_words(scripted_openai):
    """Embeddings have the requested length, and texts that share words are closer."""
    with openai_client(scripted_openai.url) as client:
        answer = client.embeddings.create(model="e", input=["a red fox", "the red fox", "blue"], dimensions=64)
        assert client.models.list().data[0].id == "scripted"
    one, two, three = (row.embedding for row in answer.data)
    assert len(one) == 64
    assert sum(map(lambda a, b: a * b, one, two)) > sum(map(lambda a, b: a * b, one, three))


def test_stopping_cuts_hanging_answers():
    """A server with a hanging answer stops at once, and its client sees a broken connection."""
    with ScriptedOpenAI() as model, openai_client(model.url) as client:
        model.enqueue(Reply("x", gate=Gate()))
        stream = client.chat.completions.create(model="m", messages=HELLO, stream=True)
        model.stop()
        with pytest.raises((openai.APIError, httpx2.HTTPError)):
            list(stream)
