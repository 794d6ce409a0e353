"""A whole site with two workers and a scripted model, for clients of ``/v1/chat/completions``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from tests.openai_clients.callers import Caller
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PROXIES, Site, running, start_site
from tests.support.turns_of_a_test import turns_of_a_test


@pytest.fixture(scope="session")
def site_model() -> Iterator[ScriptedOpenAI]:
    """The site's model. Use ``model``, which has no replies left over from another test."""
    with ScriptedOpenAI() as server:
        yield server


@pytest.fixture(scope="session")
def site(site_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, shared by all tests of this folder: each caller has sessions of its own."""
    settings = {"OPENAI_BASE_URL": site_model.url, "CHAT_MODEL": "small", "CHAT_LEASE": "3"}
    site = start_site(tmp_path_factory.mktemp("site"), "--workers", "2", **settings, CHAT_TURNS_PER_MINUTE="0")
    with running(site):
        yield site


@pytest.fixture(autouse=True)  # the first fixture of each test, and so its end comes after those of the clients
def turns(site: Site, site_model: ScriptedOpenAI) -> Iterator[None]:
    """No turns of another test."""
    with turns_of_a_test(site_model, site.record()["redis"]):
        yield


@pytest.fixture
def model(turns: None, site_model: ScriptedOpenAI) -> ScriptedOpenAI:
    """The site's model, without scripted replies or earlier requests."""
    return site_model


@pytest.fixture
async def caller(site: Site, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Caller]:
    """A new owner with a token, and OpenAI's Python client for it."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    async with Caller(site, f"caller-{uuid4().hex[:12]}") as caller:
        yield caller
