"""LangChain's ``ChatOpenAI`` on the site."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient
from pydantic import SecretStr

from tests.openai_clients.callers import Caller
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI


def chat(caller: Caller, **options: Any) -> ChatOpenAI:
    """A chat model whose conversations are the session ``s``."""
    return ChatOpenAI(
        model="small",
        base_url=caller.url,
        api_key=SecretStr(caller.token),
        default_headers={"X-Session-Id": "s"},
        **options,
    )


async def test_a_chain_chats_with_this_memory(caller: Caller, model: ScriptedOpenAI):
    """Only its newest message is read, and its instructions are not."""
    answer = await chat(caller).ainvoke([SystemMessage("Be rude."), HumanMessage("hi im bob")])
    assert answer.content == "You said: hi im bob"
    assert answer.usage_metadata is not None
    streamed = [piece async for piece in chat(caller, stream_usage=True).astream("whats my name?")]
    assert "".join(str(piece.content) for piece in streamed) == "You said: whats my name?"
    said = [message["content"] for message in model.requests[-1].messages]
    assert said[1:] == ["hi im bob", "You said: hi im bob", "whats my name?"]
    assert "rude" not in said[0]


async def test_a_killed_worker_loses_no_answer(caller: Caller, model: ScriptedOpenAI):
    """Another worker gives the answer, and it is remembered once."""
    model.enqueue(Reply("half an ", gate=Gate(), gate_at=1), "an answer of its own")
    # Not LangChain's own client: it is kept for other tests, whose event loop has ended.
    async with DefaultAsyncHttpxClient() as connections:
        asking = asyncio.create_task(chat(caller, http_async_client=connections).ainvoke("go"))
        await model.wait_for_request()
        doomed = await caller.answering()
        pid = caller.site.kill_child(doomed)
        assert (await asking).content == "an answer of its own"
    assert await caller.exchange() == ["go", "an answer of its own"]
    await asyncio.to_thread(caller.site.wait_for_new, doomed, pid)
