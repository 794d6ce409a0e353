"""A site of two workers for the examples, a model that the tests control, and pages in Debian's Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import CHROMIUM, MISSING, chromium as launched
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY, Site, free_port, running, start, start_site, wait_for_http
from tests.support.staff import manage
from tests.support.turns_of_a_test import turns_of_a_test

EXAMPLES = REPOSITORY / "examples"

#: Whose sessions the examples' own servers buy tickets for.
OWNER = "acme_user-42"


@dataclass(frozen=True)
class World:
    """The site, its model, a service's token, and the ports of the servers that the examples bring along."""

    site: Site
    model: ScriptedOpenAI
    token: str
    ports: dict[str, int]

    def call(self, path: str, body: Any = None) -> Any:
        """What the API answers to the examples' user. With a ``body``, it is posted."""
        bearer = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=f"{self.site.url}/api/v1", trust_env=False, timeout=30 * PATIENCE) as client:
            bought = client.post("/ticket", json={"owner": "user-42"}, headers=bearer).raise_for_status().json()
            method = "GET" if body is None else "POST"
            answer = client.request(method, path, params={"ticket": bought["ticket"]}, json=body)
        return answer.raise_for_status().json()

    def kill_the_answering(self, session: str) -> None:
        """Kill the worker that answers in the user's session (kill -9)."""
        turn = self.call(f"/sessions/{session}/messages")["answering"]
        self.site.kill_child(self.call(f"/sessions/{session}/turns/{turn}/prompt")["worker"])

    def remembered(self, session: str) -> list[str]:
        """The texts of the user's session, oldest first."""
        messages = self.call(f"/sessions/{session}/messages")["messages"]
        return [message["parts"][0]["text"] for message in messages]

    def fold(self, session: str, through: str, summary: str) -> None:
        """Have the model summarise the session's messages up to one."""
        self.model.enqueue(summary)
        self.call(f"/sessions/{session}/summary/fold", {"through": through})

    @contextmanager
    def serving(self, name: str, command: Sequence[object], folder: Path, log: Path) -> Iterator[str]:
        """The address of an example's own server, which is ended afterwards."""
        settings = {"CHAT_URL": self.site.url, "VITE_CHAT_URL": self.site.url, "CHAT_TOKEN": self.token}
        url = f"http://127.0.0.1:{self.ports[name]}"
        with running(start([str(part) for part in command], url, log=log, env=settings, cwd=folder)) as server:
            wait_for_http(server)
            yield url


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One site for all examples. Pages of their servers are allowed."""
    ports = {name: free_port() for name in ("javascript", "react", "quickstart")}
    settings = {
        "CHAT_TURNS_PER_MINUTE": "0",
        "CHAT_LEASE": "3",
        "CHAT_ALLOWED_ORIGINS": " ".join(f"http://127.0.0.1:{port}" for port in ports.values()),
    }
    with ScriptedOpenAI() as model:
        data = tmp_path_factory.mktemp("site")
        with running(start_site(data, "--workers", "2", OPENAI_BASE_URL=model.url, **settings)) as site:
            yield World(site, model, manage(site, "issue_token", "--tenant", "acme").strip(), ports)


@pytest.fixture
def world(whole_world: World) -> Iterator[World]:
    """The site, without turns or replies of another test."""
    with turns_of_a_test(whole_world.model, whole_world.site.record()["redis"]):
        yield whole_world


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all examples."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    expect.set_options(timeout=15_000 * PATIENCE)
    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens an address as a new visitor. Fails if the page has thrown an error."""
    context = chromium.new_context()
    broken: list[str] = []
    context.on("weberror", lambda problem: broken.append(str(problem.error)))

    def open_page(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    context.close()
    assert not broken
