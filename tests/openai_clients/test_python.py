"""OpenAI's Python client on a whole site, also while workers are killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any, cast

import openai
import pytest
from redis.asyncio import Redis

from tests.ai_sdk.sockets import asleep
from tests.openai_clients.callers import Caller, pieces, text_of, text_streamed
from tests.support.node import NODE, install
from tests.support.ports import until
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY, clean_environment

HERE = REPOSITORY / "tests" / "openai_clients"


async def test_an_answer_is_remembered(caller: Caller, model: ScriptedOpenAI):
    """The next message finds the first in its prompt, whatever history the client sends."""
    first = await caller.ask("hi im bob")
    assert (text_of(first), first.model, first.choices[0].finish_reason) == ("You said: hi im bob", "small", "stop")
    assert first.usage is not None
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens > 0
    history: list[Any] = [{"role": "user", "content": "im eve"}, {"role": "assistant", "content": "Hello, Eve."}]
    await caller.client.chat.completions.create(
        model="small", messages=[*history, {"role": "user", "content": "whats my name?"}], metadata={"session": "s"}
    )
    said = [message["content"] for message in model.requests[-1].messages[1:]]
    assert said == ["hi im bob", "You said: hi im bob", "whats my name?"]


async def test_an_answer_streams(caller: Caller, model: ScriptedOpenAI):
    """Piece by piece, with its usage at the end."""
    model.enqueue(Reply("Hello, dear Bob.", pace=0.02))
    stream, _ = await caller.stream("hi im bob", stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hello, dear Bob."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert len({chunk.id for chunk in chunks}) == 1
    assert await caller.exchange() == ["hi im bob", "Hello, dear Bob."]


async def test_every_user_has_a_session(caller: Caller, model: ScriptedOpenAI):
    """Without any other name for it."""
    for user in ("alice@example.org", "bob"):
        await caller.client.chat.completions.create(
            model="small", messages=[{"role": "user", "content": f"i am {user}"}], user=user
        )
        assert len(model.requests[-1].messages) == 2, "the other's session is not in the prompt"
    with pytest.raises(openai.BadRequestError, match=r"metadata\.session"):
        await caller.client.chat.completions.create(model="small", messages=[{"role": "user", "content": "hi"}])


async def test_the_model_is_listed(caller: Caller):
    """Under the site's name for it."""
    assert [each.id async for each in caller.client.models.list()] == ["small"]
    with pytest.raises(openai.NotFoundError):
        await caller.client.models.retrieve("gpt-4o")
    with pytest.raises(openai.NotFoundError):
        await caller.client.embeddings.create(model="small", input="hi")
    with pytest.raises(openai.AuthenticationError, match="not issued by this site"):
        await openai.AsyncOpenAI(base_url=caller.url, api_key="sk-forged").models.list()


async def test_a_failed_model_is_asked_again(caller: Caller, model: ScriptedOpenAI):
    """The client retries on its own, and the exchange is remembered once."""
    model.enqueue(Reply("never whole", cut_after=1), "whole")
    assert text_of(await caller.ask("go")) == "whole"
    assert await caller.exchange() == ["go", "whole"]


async def test_a_failure_in_the_middle_of_a_stream_is_raised(caller: Caller, model: ScriptedOpenAI):
    """With the site's sentence."""
    model.enqueue(Reply("never whole", cut_after=1))
    stream, _ = await caller.stream("go")
    with pytest.raises(openai.APIError, match="broke off in the middle"):
        await text_streamed(stream)
    assert await caller.exchange() == []


async def test_a_message_waits_for_the_answer_before_it(caller: Caller, model: ScriptedOpenAI):
    """Another text is refused meanwhile; the same joins the answer."""
    gate = Gate()
    model.enqueue(Reply("one two", gate=gate, gate_at=1))
    stream, _ = await caller.stream("go")
    with pytest.raises(openai.ConflictError, match="still answering"):
        await caller.client.with_options(max_retries=0).chat.completions.create(
            model="small", messages=[{"role": "user", "content": "ho"}], metadata={"session": "s"}
        )
    joined, _ = await caller.stream("go")
    gate.release()
    assert [await text_streamed(each) for each in (stream, joined)] == ["one two"] * 2
    assert await caller.exchange() == ["go", "one two"]


async def test_an_answer_outlives_its_connection(caller: Caller, model: ScriptedOpenAI):
    """A client that leaves ends nothing, and finds the answer with its key."""
    gate, key = Gate(), {"Idempotency-Key": "k1"}
    model.enqueue(Reply("one two", gate=gate, gate_at=1))
    stream, _ = await caller.stream("go", extra_headers=key)
    await anext(pieces(stream))
    await stream.close()
    gate.release()
    assert text_of(await caller.ask("go", extra_headers=key)) == "one two"
    assert text_of(await caller.ask("go", extra_headers=key)) == "one two"
    assert await caller.exchange() == ["go", "one two"]
    with pytest.raises(openai.ConflictError, match="belongs to another request"):
        await caller.ask("ho", extra_headers=key)


async def test_a_client_can_stop_its_answer_by_leaving(caller: Caller, model: ScriptedOpenAI):
    """As with OpenAI, if it says so; what it has read is remembered."""
    model.enqueue(Reply("one two", gate=Gate(), gate_at=1))
    stream, _ = await caller.stream("go", extra_headers={"X-On-Disconnect": "stop"})
    await anext(pieces(stream))
    await stream.close()
    await model.wait_for_disconnect()
    assert text_of(await caller.ask("next")) == "You said: next"
    assert await caller.exchange() == ["go", "one \n\n[stopped]", "next", "You said: next"]


async def test_a_killed_worker_loses_no_whole_answer(caller: Caller, model: ScriptedOpenAI):
    """The client retries on its own on another worker, without a key, and gets the answer that was remembered."""
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), "an answer of its own")
    doomed = await caller.worker()
    asking = asyncio.create_task(caller.ask("go"))
    await model.wait_for_request()
    pid = caller.site.kill_child(doomed)
    assert text_of(await asking) == "an answer of its own"
    assert await caller.exchange() == ["go", "an answer of its own"]
    await asyncio.to_thread(caller.site.wait_for_new, doomed, pid)


async def test_a_killed_worker_breaks_a_stream_once(caller: Caller, model: ScriptedOpenAI):
    """The client raises; the same request with its key gets the whole answer, which is remembered once."""
    key = {"Idempotency-Key": "k1"}
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), "an answer of its own")
    stream, doomed = await caller.stream("go", extra_headers=key)
    assert await anext(pieces(stream)) == "half "
    pid = caller.site.kill_child(doomed)
    with pytest.raises((openai.APIError, openai.APIConnectionError)):
        await text_streamed(stream)
    await model.wait_for_request(2)  # taken over; a stream that had begun before would be started again
    again, _ = await caller.stream("go", extra_headers=key)
    assert await text_streamed(again) == "an answer of its own"
    assert text_of(await caller.ask("go", extra_headers=key)) == "an answer of its own"
    assert await caller.exchange() == ["go", "an answer of its own"]
    await asyncio.to_thread(caller.site.wait_for_new, doomed, pid)


async def until_logged(caller: Caller, piece: str) -> None:
    """Return once a run of the caller has this piece in its log, where other workers read it."""
    url = caller.site.record()["redis"]
    async with cast(Any, Redis.from_url(url)) as client:  # its annotations are unions over all of its modes

        async def is_logged() -> bool:
            logs = [await client.xrange(key) async for key in client.scan_iter(f"*{caller.owner}*:log:*")]
            return any(piece.encode() in b"".join(fields.values()) for log in logs for _, fields in log)

        await until(is_logged)


async def test_a_restarted_answer_is_never_spliced(caller: Caller, model: ScriptedOpenAI):
    """A client on the worker that lives on learns that what it has read does not hold."""
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), "an answer of its own")
    _, doomed = await caller.stream("go", extra_headers=(key := {"Idempotency-Key": "k1"}))
    pid = caller.site.pids()[doomed]
    await until_logged(caller, "half ")
    async with Caller(caller.site, caller.owner) as elsewhere:
        with asleep(pid):
            stream, _ = await elsewhere.stream("go", extra_headers=key)
            assert await anext(pieces(stream)) == "half "
        caller.site.kill_child(doomed)
        with pytest.raises(openai.APIError, match="started again"):
            await text_streamed(stream)
        assert text_of(await elsewhere.ask("go", extra_headers=key)) == "an answer of its own"
    await asyncio.to_thread(caller.site.wait_for_new, doomed, pid)


@pytest.mark.parametrize("language", ["sh", "python", "js"])
async def test_the_examples_of_the_guide_work(caller: Caller, model: ScriptedOpenAI, language: str):
    """The first of each language in docs/openai-api.md, as somebody would run it; JavaScript has its own package."""
    install(HERE)
    guide = (REPOSITORY / "docs" / "openai-api.md").read_text().split("## In five minutes")[1]
    example = next(
        block for each in guide.split(f"```{language}\n")[1:] if "messages" in (block := each.split("\n```")[0])
    )
    command = {
        "sh": ["sh", "-c", example],
        "python": [sys.executable, "-c", example],
        "js": [str(NODE), "--input-type=module", "-e", example],
    }[language]
    environment = clean_environment({"OPENAI_BASE_URL": caller.url, "OPENAI_API_KEY": caller.token})
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=60 * PATIENCE
    )
    assert done.returncode == 0, done.stderr
    said = ("Bob" if language == "sh" else "whats my name?").lower()
    assert said in done.stdout.lower()
    assert len(await caller.exchange("trip-to-rome")) == 2
