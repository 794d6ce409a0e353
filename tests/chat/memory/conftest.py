"""Fixtures of the memory client's tests: our memory server, with a scripted model for summaries and embeddings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import Server, running, start_memory_server


@pytest.fixture(scope="module")
def serving(valkey: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our memory server, with long-term memory. Use ``memory_server``, which empties its store first."""
    log = tmp_path_factory.mktemp("memory") / "memory.log"
    with ScriptedOpenAI(default=lambda request: "Bob likes jazz.") as model:
        settings = {
            "OPENAI_BASE_URL": model.url,
            "MOTORHEAD_LONG_TERM_MEMORY": "true",
            "MOTORHEAD_SWEEP_SECONDS": "3600",  # otherwise it would fold sessions left by tests of other servers
        }
        with running(start_memory_server(valkey.url, log, None, **settings)) as server:
            yield server


@pytest.fixture
def memory_server(serving: Server, redis_url: str) -> Server:
    """Our memory server, empty."""
    return serving
