"""The AI SDK's own client begins with the history that the HTTP API has, and resumes into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.ai_sdk.node import HERE, AiSdk, Snapshot, ai_sdk, is_done, text_of
from tests.ai_sdk.sockets import Visitor
from tests.support.node import install
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.node


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """The client's npm packages."""
    install(HERE)


@asynccontextmanager
async def page(visitor: Visitor) -> AsyncIterator[tuple[AiSdk, Any]]:
    """A page that has just been loaded: a client, whose chat has the history of the session, and that history."""
    headers = {"Authorization": f"Bearer {visitor.token()}"}
    async with httpx.AsyncClient(base_url=visitor.site.url, headers=headers, timeout=30 * PATIENCE) as client:
        history = (await client.get("/api/v1/sessions/s/messages")).raise_for_status().json()
    protocols = ["ai-sdk.v1", f"bearer.{visitor.token()}"]
    async with ai_sdk(url=visitor.site.url + "/ws/v1/chat", protocols=protocols) as chat:
        await chat.tell("chat", chat="s", messages=history["messages"])
        yield chat, history


async def resumed(chat: AiSdk) -> Snapshot:
    """The chat after its stream was resumed to the end."""
    await chat.tell("resume", chat="s")
    return await chat.until("s", is_done)


def said(messages: list[Snapshot]) -> list[tuple[str, str]]:
    return [(message["id"], text_of(message)) for message in messages]


async def test_a_resumed_answer_replaces_the_one_in_the_history(visitor: Visitor, model: ScriptedOpenAI):
    """A page that is loaded after an answer shows it once, whether or not it resumes."""
    async with page(visitor) as (chat, history):
        assert history["messages"] == []
        await chat.ask("s", "hi im bob")
        streamed = (await chat.ask("s", "whats my name?"))["messages"]
    async with page(visitor) as (chat, history):
        loaded = said(history["messages"])
        assert [text for _, text in loaded] == [text_of(message) for message in streamed]
        assert [loaded[1][0], loaded[3][0]] == [streamed[1]["id"], streamed[3]["id"]]
        assert said((await resumed(chat))["messages"]) == loaded
        assert history["answering"] is None


async def test_a_page_that_is_loaded_in_mid_answer_shows_it_behind_its_question(
    visitor: Visitor, model: ScriptedOpenAI
):
    """And in the end the page shows the same as one that is loaded then."""
    gate = Gate()
    async with page(visitor) as (chat, _):
        await chat.ask("s", "hi im bob")
        model.enqueue(Reply("the whole answer", gate=gate, gate_at=2))
        await chat.tell("send", chat="s", text="tell me")
        streamed = await chat.until("s", lambda shown: text_of(shown["messages"][-1]) == "the whole ")
    async with page(visitor) as (chat, history):
        assert said(history["messages"])[2][1] == "tell me"
        assert f"{history['answering']}.reply" == streamed["messages"][-1]["id"]
        await chat.tell("resume", chat="s")
        await chat.until("s", lambda shown: text_of(shown["messages"][-1]) == "the whole ")
        gate.release()
        shown = await chat.until("s", is_done)
    assert [text for _, text in said(shown["messages"])][2:] == ["tell me", "the whole answer"]
    async with page(visitor) as (_, history):
        assert said(history["messages"]) == said(shown["messages"])


async def test_a_history_is_continued(visitor: Visitor, model: ScriptedOpenAI):
    """The next message is answered behind it, and is part of the next history."""
    async with page(visitor) as (chat, _):
        await chat.ask("s", "hi im bob")
    async with page(visitor) as (chat, history):
        await chat.tell("send", chat="s", text="whats my name?")
        shown = await chat.until("s", lambda shown: is_done(shown) and len(shown["messages"]) == 4)
        assert said(shown["messages"])[:2] == said(history["messages"])
    async with page(visitor) as (_, history):
        assert [text for _, text in said(history["messages"])] == [text_of(message) for message in shown["messages"]]
