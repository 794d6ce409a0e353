"""Shared by tests of the memory server: messages, a controllable summarizer, and waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import httpx

from motorhead.config import Settings
from motorhead.exceptions import ModelError
from motorhead.folding.summarizer import Summary
from motorhead.messages import NewMessage
from motorhead.metrics import Metrics
from motorhead.recall.embeddings import Embedder
from motorhead.server import build
from motorhead.store.keys import ERASURE
from redis_link.link import Link
from tests.support.servers import PATIENCE


def said(*contents: str) -> list[NewMessage]:
    """Messages with these contents, alternately from Human and AI."""
    return [NewMessage(("Human", "AI")[i % 2], content) for i, content in enumerate(contents)]


def numbered(first: int, count: int) -> list[NewMessage]:
    """``count`` messages "m<first>", "m<first+1>", …"""
    return said(*(f"m{number}" for number in range(first, first + count)))


def wire(*contents: str) -> dict[str, Any]:
    """The body of a POST of messages with these contents."""
    return {"messages": [{"role": m.role, "content": m.content} for m in said(*contents)]}


class ObedientSummarizer:
    """Returns its input lines as the summary, which thus shows what was folded, in order.

    ``orders`` are followed first, one per call: an error is raised, a callable is awaited before the answer.
    """

    def __init__(self) -> None:
        self.orders: list[ModelError | Callable[[], Awaitable[object]]] = []
        self.calls: list[tuple[str | None, list[str]]] = []

    async def summarize(self, current: str | None, lines: Sequence[str], instructions: str = "") -> Summary:
        """All lines so far, joined by ``|``."""
        self.calls.append((current, list(lines)))
        if self.orders:
            order = self.orders.pop(0)
            if isinstance(order, ModelError):
                raise order
            await order()
        folded = [line.partition(": ")[2] for line in lines]
        return Summary("|".join([*([current] if current else []), *folded]), 10, 5)


@asynccontextmanager
async def in_process(
    link: Link, settings: Settings | None = None, embedder: Embedder | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a memory server that is put together in this process, over ``link``; no background work is done."""
    application = build(settings or Settings(), link, ObedientSummarizer(), Metrics(), embedder)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def until(condition: Callable[[], Awaitable[bool]], what: str = "it did not happen", seconds: float = 10) -> None:
    """Return once ``condition`` holds; for conditions that can only be polled."""
    deadline = monotonic() + seconds * PATIENCE
    while not await condition():
        if monotonic() > deadline:
            raise AssertionError(what)
        await asyncio.sleep(0.01)


async def idle(client: httpx.AsyncClient, session: str, seconds: float = 10) -> dict[str, Any]:
    """The memory of ``session``, once no fold is due."""
    answer: dict[str, Any] = {}

    async def settled() -> bool:
        nonlocal answer
        answer = (await client.get(f"/sessions/{session}/memory")).json()
        return bool(answer["window"]["fold"] == "idle")

    await until(settled, f"{session} was not folded", seconds)
    return answer


def contents(answer: dict[str, Any]) -> list[str]:
    """The contents of a memory answer's messages, oldest first."""
    return [message["content"] for message in reversed(answer["messages"])]


async def keys_left(link: Link) -> list[bytes]:
    """Every key in Redis except the note that the append-only file is to be rewritten."""
    return [key for key in await link.execute("KEYS", "*") if key != ERASURE]
