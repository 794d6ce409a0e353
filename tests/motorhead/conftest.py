"""Fixtures of the memory server's tests: a running server with a scripted model, and its parts without HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from motorhead.store.connect import link_to
from motorhead.store.store import Store
from redis_link.address import parse_address
from redis_link.link import RedisLink
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Server, running, start_memory_server


@pytest.fixture(scope="session")
def summary_model() -> Iterator[ScriptedOpenAI]:
    """A model that answers every fold with one sentence, unless a test queues other answers."""
    with ScriptedOpenAI(default=lambda request: "Bob told what he likes.") as model:
        yield model


@pytest.fixture(scope="session")
def served(valkey: Server, summary_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A memory server with default settings. Use ``memory``, which empties its store first."""
    log = tmp_path_factory.mktemp("motorhead") / "memory.log"
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_RETRY_SECONDS": "0.05"}
    settings["MOTORHEAD_SWEEP_SECONDS"] = "3600"  # or it would fold sessions that tests of other servers leave behind
    with running(start_memory_server(valkey.url, log, None, **settings)) as server:
        yield server


@pytest.fixture
async def memory(served: Server, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a memory server with an empty store."""
    async with client_of(served) as client:
        yield client


def client_of(server: Server) -> httpx.AsyncClient:
    """An HTTP client of ``server``."""
    return httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=20 * PATIENCE)


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[RedisLink]:
    """An open link to an empty Valkey."""
    link = link_to(parse_address(redis_url))
    await link.open()
    yield link
    await link.close()


@pytest.fixture
def store(link: RedisLink) -> Store:
    """A store over an empty Valkey."""
    return Store(link)
