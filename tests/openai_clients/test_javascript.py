"""OpenAI's JavaScript client on a whole site, also while a worker is killed."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.openai_clients.callers import Caller
from tests.support.node import NODE, install
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY, clean_environment

HERE = REPOSITORY / "tests" / "openai_clients"
SOON = 15 * PATIENCE


@pytest.fixture(scope="module", autouse=True)
def package() -> None:
    """The npm package."""
    install(HERE)


class Output:
    """The lines of a client's output."""

    def __init__(self, lines: asyncio.StreamReader) -> None:
        self._lines = lines

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(SOON):
            said: dict[str, Any] = json.loads(await self._lines.readline())
        return said

    async def rest(self) -> tuple[str, dict[str, Any]]:
        """The text of all further pieces, and the last line."""
        text = ""
        while not {"end", "error"} & (said := await self.next()).keys():
            text += said.get("piece", "")
        return text, said


@asynccontextmanager
async def client(caller: Caller, text: str, retries: int = 0, key: str = "", **fields: Any) -> AsyncIterator[Output]:
    """A client that sends ``text`` to the session ``s``."""
    body = {"model": "small", "messages": [{"role": "user", "content": text}], "metadata": {"session": "s"}, **fields}
    headers = {"Idempotency-Key": key} if key else {}
    request = {"url": caller.url, "token": caller.token, "maxRetries": retries, "body": body, "headers": headers}
    process = await asyncio.create_subprocess_exec(
        NODE, HERE / "client.mjs", json.dumps(request), stdout=PIPE, env=clean_environment()
    )
    assert process.stdout is not None
    try:
        yield Output(process.stdout)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def asked(caller: Caller, text: str, **options: Any) -> dict[str, Any]:
    """The last line of a client."""
    async with client(caller, text, **options) as output:
        return (await output.rest())[1]


async def test_an_answer_streams_and_is_remembered(caller: Caller, model: ScriptedOpenAI):
    """Both forms of an answer are understood."""
    assert (await asked(caller, "hi im bob"))["text"] == "You said: hi im bob"
    async with client(caller, "whats my name?", stream=True, stream_options={"include_usage": True}) as output:
        text, last = await output.rest()
    assert (text, last) == ("You said: whats my name?", {"end": True})
    assert len(await caller.exchange()) == 4


async def test_errors_have_their_classes_and_sentences(caller: Caller, model: ScriptedOpenAI):
    """Before the answer and in its middle."""
    refused = await asked(caller, "hi", n=2)
    assert (refused["error"], refused["status"]) == ("BadRequestError", 400)
    assert "'n' is not supported" in refused["message"]
    model.enqueue(Reply("never whole", cut_after=1))
    async with client(caller, "go", stream=True) as output:
        text, last = await output.rest()
    assert (text, last["error"]) == ("never ", "APIError")
    assert "broke off in the middle" in last["message"]


async def test_a_killed_worker_loses_no_answer(caller: Caller, model: ScriptedOpenAI):
    """A stream breaks; the same request with its key, tried again by the client, gets the whole answer once."""
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), "an answer of its own")
    async with client(caller, "go", key="k1", stream=True) as output:
        served = (await output.next())["worker"]
        while (await output.next())["piece"] != "half ":
            pass
        pid = caller.site.kill_child(served)
        _, last = await output.rest()
        assert "error" in last
    assert (await asked(caller, "go", key="k1", retries=2))["text"] == "an answer of its own"
    assert await caller.exchange() == ["go", "an answer of its own"]
    await asyncio.to_thread(caller.site.wait_for_new, served, pid)
