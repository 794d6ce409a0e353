"""A site whose memory server and model the tests control, and pages on it in Debian's Chromium."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import CHROMIUM, MISSING, chromium as launched
from tests.support.scripted_openai import Request, ScriptedOpenAI
from tests.support.servers import PATIENCE, Server, Site, start_memory_server, start_site, start_valkey, wait_for_http
from tests.support.silent_line import SilentLine
from tests.support.turns_of_a_test import turns_of_a_test

#: Messages that the memory server keeps before it folds: few, to keep the tests short.
WINDOW = 6


class Restartable:
    """A server that can be stopped, and restarted at the same address with its data."""

    def __init__(self, start: Callable[[int | None], Server]) -> None:
        self._start = start
        self._server = start(None)
        self.url = self._server.url

    def stop(self) -> None:
        """Be unreachable."""
        self._server.stop()

    def pause(self) -> None:
        """Keep every connection open, but answer nothing."""
        self._server.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on."""
        self._server.process.send_signal(signal.SIGCONT)

    def start(self) -> None:
        """Be back."""
        self.resume()
        if self._server.process.poll() is not None:
            self._server = self._start(urlsplit(self.url).port)


class MemoryServer(Restartable):
    """The memory server of the site."""

    def __init__(self, redis_url: str, model_url: str, log: Path) -> None:
        settings = {
            "OPENAI_API_BASE": model_url,
            "MOTORHEAD_MODEL": "summary-model",
            "MOTORHEAD_MAX_WINDOW_SIZE": str(WINDOW),
        }
        super().__init__(lambda port: start_memory_server(redis_url, log, port, **settings))

    def remembered(self, memory_id: str) -> list[str]:
        """The texts in a session's window, oldest first."""
        answer = httpx.get(f"{self.url}/sessions/{memory_id}/memory", trust_env=False).json()
        return [message["content"] for message in reversed(answer["messages"])]


@dataclass
class World:
    """Everything that a test may control."""

    site: Site
    store: Restartable
    memory: MemoryServer
    model: ScriptedOpenAI

    def kill_workers(self) -> dict[str, int]:
        """Kill the workers, and with them every page's websocket. Returns their names and process ids."""
        return {name: self.site.kill_child(name) for name in ("web.1", "web.2")}

    def wait_for_workers(self, killed: dict[str, int]) -> None:
        """Return once they have been restarted and accept connections."""
        for name, pid in killed.items():
            self.site.wait_for_new(name, pid)
        wait_for_http(self.site, "/healthz")


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One site for all tests; each has its own visitors."""
    folder = tmp_path_factory.mktemp("browser")
    with ExitStack() as stack:
        model = stack.enter_context(ScriptedOpenAI())
        valkey = Restartable(lambda port: start_valkey(folder, port))
        stack.callback(valkey.stop)
        memory = MemoryServer(valkey.url, model.url, folder / "memory.log")
        stack.callback(memory.stop)
        site = start_site(
            folder / "site",
            REDIS_URL=valkey.url,
            MOTORHEAD_URL=memory.url,
            OPENAI_BASE_URL=model.url,
            CHAT_MODEL="chat-model",
            CHAT_MEMORY_PATIENCE="0.5",
            CHAT_MEMORY_TIMEOUT="2",
            CHAT_LEASE="3",
            CHAT_TURNS_PER_MINUTE="0",
            CHAT_SIGN_UP="open",
        )
        stack.callback(site.stop)
        yield World(site, valkey, memory, model)


@pytest.fixture
def world(whole_world: World) -> Iterator[World]:
    """The site at the start of a test: nothing is queued, and everything is up."""
    with turns_of_a_test(whole_world.model, whole_world.store.url):
        yield whole_world
        whole_world.store.start()
        whole_world.memory.start()


@pytest.fixture(scope="package")  # while open, its loop runs in this thread: asynchronous tests come first
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for all modules; each page has a context of its own."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    expect.set_options(timeout=10_000 * PATIENCE)
    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """Opens the site as a new visitor, with options of a browser context. Fails if a page violates its own policy."""
    contexts, broken = [], []

    def open_page(path: str = "/", **options: Any) -> Page:
        context = chromium.new_context(base_url=world.site.url, **options)
        contexts.append(context)
        context.on(
            "console", lambda message: broken.append(message.text) if "Security Policy" in message.text else None
        )
        context.on("weberror", lambda problem: broken.append(str(problem.error)))
        page = context.new_page()
        page.set_default_timeout(10_000 * PATIENCE)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not broken


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A new visitor's new session."""
    return open_page()


@pytest.fixture
def line(world: World) -> Iterator[SilentLine]:
    """A line to the site that can fall silent."""
    with SilentLine(world.site.url) as line:
        yield line


def asked_to_chat(request: Request) -> bool:
    """Whether the request came from the chat, and not from the memory server for a summary."""
    return request.model == "chat-model"


def asked_to_summarise(request: Request, said: str) -> bool:
    """Whether the memory server asked for a summary of messages that include ``said``."""
    return not asked_to_chat(request) and said in request.text
