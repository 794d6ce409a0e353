"""For every test: the order, a real Valkey that is emptied before each test that uses it, and a scripted model."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator

import pytest
import redis
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from tests.support.parallel import UnitScheduling, running_order
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import Server, running, start_valkey

if sys.version_info < (3, 11, 8):
    # A traceback that is printed by a finalizer parses the lines in it. During the import of a module that ends the
    # import's own parse with SystemError (python/cpython#106905).
    traceback._extract_caret_anchors_from_line_segment = lambda segment: None  # type: ignore[attr-defined]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests."""
    items.sort(key=running_order(items))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Decide which of several workers runs what."""
    config.option.loadscopereorder = False
    return UnitScheduling(config, log)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One Valkey for the whole run. Use ``redis_url``, which empties it first."""
    with running(start_valkey(tmp_path_factory.mktemp("valkey"))) as server:
        yield server


@pytest.fixture
def redis_url(valkey: Server) -> str:
    """The URL of an empty Valkey."""
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url


@pytest.fixture
def scripted_openai() -> Iterator[ScriptedOpenAI]:
    """An OpenAI-compatible server that gives the test's answers, and records its requests."""
    with ScriptedOpenAI() as server:
        yield server
