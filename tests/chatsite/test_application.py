"""The site as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from chat.worker import Worker
from chatsite.application import App, Application, below


class RecordingWorker:
    """Records when it begins and ends."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def begin(self) -> None:
        self.done.append("begun")

    async def end(self) -> None:
        self.done.append("ended")


@pytest.fixture
def worker() -> RecordingWorker:
    return RecordingWorker()


@pytest.fixture
def application(worker: RecordingWorker) -> Application:
    """An application whose apps answer with their names."""

    def app(name: str) -> App:
        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": name})

        return answer

    return Application(app("to http"), app("to websocket"), cast(Worker, worker))


async def test_a_lifespan_begins_and_ends_the_worker(application: Application, worker: RecordingWorker):
    """Each event is answered once it has been handled."""
    asked: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    answered: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    living = asyncio.create_task(application({"type": "lifespan"}, asked.get, answered.put))
    for event, done in (("startup", ["begun"]), ("shutdown", ["begun", "ended"])):
        asked.put_nowait({"type": f"lifespan.{event}"})
        assert await answered.get() == {"type": f"lifespan.{event}.complete"}
        assert worker.done == done
    await living


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_server_without_lifespan_begins_the_worker_with_its_first_scope(
    application: Application, worker: RecordingWorker, kind: str
):
    """Requests and sockets go to their own apps."""
    answered: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    await application({"type": kind, "path": "/"}, asyncio.Queue().get, answered.put)
    assert (answered.get_nowait(), worker.done) == ({"type": f"to {kind}"}, ["begun"])


@pytest.mark.parametrize(
    ("sub_path", "asked", "path"),
    [
        ("", "/s/x", "/s/x"),
        ("/chat", "/chat/s/x", "/chat/s/x"),
        ("/chat", "/s/x", "/chat/s/x"),
        ("/chat", "/chat", "/chat/"),
        ("/chat", "/chats", "/chat/chats"),
    ],
)
def test_the_sub_path_is_at_the_head_of_every_path(sub_path: str, asked: str, path: str):
    """Proxies may pass paths as they are, or without the sub-path; the root path that the server names is ignored."""
    scope = below(sub_path, {"path": asked, "root_path": "/claimed", "method": "GET"})
    assert scope == {"path": path, "root_path": sub_path, "method": "GET"}
