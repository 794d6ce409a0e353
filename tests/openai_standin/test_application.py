"""The HTTP interface, called by the openai package, by LangChain and by plain HTTP."""

from __future__ import annotations

import asyncio
import base64
import struct
import threading
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI, OpenAI as CompletionModel

from openai_standin.application import ROUTES, Application
from openai_standin.config import Config
from tests.support.servers import PATIENCE

HI: Any = [{"role": "user", "content": "hi im bob"}]
NAME = "Your name is Bob."


def asking(*texts: str) -> Any:
    return [{"role": "user", "content": text} for text in texts]


def test_a_chat_completion_answers_with_usage(client):
    """A plain chat completion has one choice, a finish reason and token counts that add up."""
    answer = client.chat.completions.create(model="any", messages=asking("hi im bob", "whats my name?"))
    assert answer.choices[0].message.content == NAME
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "any"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_stream_says_the_same_as_a_plain_answer(client):
    """The deltas of a stream join to the plain answer, and the usage, if requested, comes last."""
    whole = client.chat.completions.create(model="m", messages=HI)
    stream = client.chat.completions.create(model="m", messages=HI, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert len(chunks) > 10
    assert chunks[-1].usage == whole.usage
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_equal_requests_get_equal_bytes(http):
    """The answer to a request does not depend on when or how often it is sent."""
    bodies = [http.post("/v1/chat/completions", json={"messages": HI, "stream": True}).content for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert bodies[0].endswith(b"data: [DONE]\n\n")


def test_a_completion_answers_each_prompt(client):
    """A completion with two prompts has two answers, with and without streaming."""
    prompts = ["Human: hi im bob\nHuman: whats my name?\nAI:", "who are you?"]
    whole = client.completions.create(model="m", prompt=prompts)
    parts = ["", ""]
    for chunk in client.completions.create(model="m", prompt=prompts, stream=True):
        parts[chunk.choices[0].index] += chunk.choices[0].text
    assert [choice.text for choice in whole.choices] == parts
    assert parts[0] == NAME


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_an_answer_is_cut_at_the_requested_length(client, limit):
    """An answer longer than its limit ends there with the reason ``length``."""
    answer = client.chat.completions.create(model="m", messages=asking("count to 50"), **{limit: 4})
    assert answer.choices[0].message.content == "1, 2, 3, 4,"
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 4


def test_an_answer_ends_before_a_stop_text(client):
    """Neither the stop text nor anything after it is part of the answer."""
    answer = client.chat.completions.create(model="m", messages=asking("count to 50"), stop=["3", "7"])
    assert answer.choices[0].message.content == "1, 2, "


async def test_langchain_chat_model(standin):
    """ChatOpenAI streams an answer that uses the summary in the system message."""
    model = ChatOpenAI(base_url=standin.url + "/v1", api_key="none", model="stand-in")  # type: ignore[arg-type]
    summary = "What you remember of earlier in this session (running summary):\nThe human's name is Bob."
    text = ""
    async for chunk in model.astream([SystemMessage(summary), HumanMessage("whats my name?")]):
        text += str(chunk.content)
    assert text == NAME


def test_langchain_completion_model(standin):
    """LangChain's completion class gets an answer to its classic one-string prompt."""
    model = CompletionModel(base_url=standin.url + "/v1", api_key="none")  # type: ignore[arg-type]
    prompt = "You are a chatbot having a conversation with a human. AI is terse.\n\nHuman: hi im bob\nAI: Hello\n"
    assert model.invoke(prompt + "Human: whats my name?\nAI:") == NAME
    assert model.invoke(prompt + "Human: whats for dinner?\nAI:").startswith("I do not know: you have not told me")


def test_messages_may_come_in_parts(client):
    """A message given as a list of parts is read as their text."""
    parts: Any = [{"role": "user", "content": [{"type": "text", "text": "hi im "}, {"type": "text", "text": "bob"}]}]
    answer = client.chat.completions.create(model="m", messages=[*parts, *asking("whats my name?")])
    assert answer.choices[0].message.content == NAME


def test_embeddings_come_as_numbers_and_as_base64(client, http):
    """Both encodings contain the same unit vector, with 1,536 dimensions unless the request sets another number."""
    rows = client.embeddings.create(model="e", input=["I live in Lisbon", "x"]).data
    plain = http.post("/v1/embeddings", json={"input": "I live in Lisbon"}).json()["data"][0]["embedding"]
    coded = http.post("/v1/embeddings", json={"input": "I live in Lisbon", "encoding_format": "base64"}).json()
    decoded = struct.unpack("<1536f", base64.b64decode(coded["data"][0]["embedding"]))
    assert len(rows) == 2
    assert list(decoded) == plain == pytest.approx(rows[0].embedding)
    assert sum(value * value for value in plain) == pytest.approx(1, abs=1e-5)
    assert len(client.embeddings.create(model="e", input="x", dimensions=7).data[0].embedding) == 7


def test_embeddings_of_token_numbers(http):
    """Lists of token numbers, as LangChain sends them, are embedded too."""
    answer = http.post("/v1/embeddings", json={"input": [[1, 2, 3], [4]]})
    assert [len(row["embedding"]) for row in answer.json()["data"]] == [1536, 1536]


def test_models_and_health(client, http):
    """The model is listed by its name, and the health check says what this is."""
    assert [model.id for model in client.models.list()] == ["stand-in"]
    assert http.get("/healthz").json()["status"] == "ok"
    assert http.head("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("GET", "/v1/nothing", None, 404, "There is nothing at /v1/nothing"),
        ("GET", "/v1/chat/completions", None, 405, "takes POST, not GET"),
        ("POST", "/v1/models", b"{}", 405, "takes GET, not POST"),
        ("POST", "/v1/chat/completions", b"not json", 400, "not valid JSON"),
        ("POST", "/v1/chat/completions", b'{"messages": [{"role": "user", "content": "\xff"}]}', 400, "not valid JSON"),
        ("POST", "/v1/chat/completions", b"", 400, "not valid JSON"),
        ("POST", "/v1/chat/completions", b"{}", 400, "messages"),
        ("POST", "/v1/chat/completions", b'{"messages": []}', 400, "send at least one message"),
        ("POST", "/v1/chat/completions", b'{"messages": [{"role": 3}]}', 400, "Expected `str`, got `int`"),
        ("POST", "/v1/completions", b'{"prompt": []}', 400, "send at least one prompt"),
        ("POST", "/v1/embeddings", b'{"input": []}', 400, "send at least one text"),
        ("POST", "/v1/embeddings", b'{"input": "x", "dimensions": 0}', 400, "from 1 to 3072"),
        ("POST", "/v1/embeddings", b'{"input": "x", "encoding_format": "hex"}', 400, "base64"),
        ("POST", "/v1/chat/completions", b"[" * 17_000_000, 413, "at most 16777216"),
    ],
)  # fmt: skip
def test_a_bad_request_gets_a_sentence(http, method, path, body, status, sentence):
    """Each bad request is refused in OpenAI's format, with a sentence that says what was wrong."""
    answer = http.request(method, path, content=body)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]["message"]
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_wrong_method_names_the_right_one(http):
    """405 comes with the Allow header."""
    assert http.get("/v1/embeddings").headers["allow"] == "POST"


def test_a_client_may_leave_in_the_middle(http):
    """A client that disconnects during a stream does not disturb the next request."""
    body = {"messages": asking("write 2000 words"), "stream": True}
    with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert next(answer.iter_lines()).startswith("data: ")
    assert http.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "unit",
    [" ", "\n", ",", ". ", " not ", "it is not a, it is b. ", "my aa is bb. ", "\nHuman: my aa is bb", "```",
     'The human said: "', "\nCurrent summary:\nNew lines of conversation:\n", "1"],
)  # fmt: skip
def test_a_long_text_is_answered_while_a_client_waits(http, unit):
    """The work grows only with the length of a text, whatever it repeats: 100,000 characters do not take long."""
    text = f"a{unit * (100_000 // len(unit))}b"
    frame = f"Current summary:\n{text}\nNew lines of conversation:\nHuman: {text}\nNew summary:"
    messages = [{"role": "system", "content": text}, *asking(text, "whats my name?")]
    assert http.post("/v1/chat/completions", json={"messages": messages}).status_code == 200
    assert http.post("/v1/completions", json={"prompt": [text, frame]}).status_code == 200


async def test_others_are_answered_while_a_long_prompt_is_read(monkeypatch):
    """Reading does not keep the server from answering a monitor."""
    reading, healthy = threading.Event(), threading.Event()

    def read_long(app: Application, body: bytes) -> dict[str, Any]:
        reading.set()
        return {"others_were_answered": healthy.wait(10 * PATIENCE)}

    monkeypatch.setitem(ROUTES, "/v1/chat/completions", ("POST", read_long))
    app = Application(Config())
    asked = asyncio.create_task(answered(app, "POST", "/v1/chat/completions", b"{}"))
    await asyncio.to_thread(reading.wait, 10 * PATIENCE)
    assert b"ok" in await answered(app, "GET", "/healthz")
    healthy.set()
    assert await asked == b'{"others_were_answered":true}'


async def answered(app: Application, method: str, path: str, body: bytes = b"") -> bytes:
    """The body of the answer to a request."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(event: Any) -> None:
        sent.append(event)

    await app({"method": method, "path": path}, receive, send)
    return b"".join(event.get("body", b"") for event in sent)
