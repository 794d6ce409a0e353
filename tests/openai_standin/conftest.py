"""The real stand-in server, shared by these tests, and OpenAI's own client for it."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator

import httpx
import openai
import pytest

from tests.support.servers import PATIENCE, Server, running, start, wait_for_http


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``python -m openai_standin`` on a free port, without pauses between tokens."""
    log = tmp_path_factory.mktemp("standin") / "log"
    server = start(
        [sys.executable, "-m", "openai_standin"], "", log=log, env={"STANDIN_PORT": "0", "STANDIN_DELAY": "0"}
    )
    with running(server):
        server.url = announced(server)
        wait_for_http(server, "/healthz")
        yield server


@pytest.fixture
def http(standin: Server) -> Iterator[httpx.Client]:
    """Plain HTTP to the server."""
    with httpx.Client(base_url=standin.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def client(standin: Server) -> Iterator[openai.OpenAI]:
    """The openai package, pointed at the server."""
    with openai.OpenAI(base_url=standin.url + "/v1", api_key="none", max_retries=0) as client:
        yield client


def announced(server: Server, seconds: float = 30) -> str:
    """The address that the server prints as soon as it listens."""
    deadline = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        if found := re.search(r"answers at (http://\S+)/v1", server.log.read_text()):
            return found[1]
        time.sleep(0.02)
    raise AssertionError(f"It did not start: {server.log.read_text()}")
