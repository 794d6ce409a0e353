"""A whole site with two workers and a scripted model, for tests of ``/ws/v1/chat``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ai_sdk.sockets import Visitor, visit
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import Site, running, start_site
from tests.support.turns_of_a_test import turns_of_a_test


@pytest.fixture(scope="session")
def site_model() -> Iterator[ScriptedOpenAI]:
    """The site's model. Use ``model``, which has no replies left over from another test."""
    with ScriptedOpenAI() as server:
        yield server


@pytest.fixture(scope="session")
def site(site_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, shared by all tests of this folder: each visitor has sessions of their own."""
    site = start_site(
        tmp_path_factory.mktemp("site"),
        "--workers",
        "2",
        OPENAI_BASE_URL=site_model.url,
        CHAT_TURNS_PER_MINUTE="0",
        CHAT_LEASE="3",  # short, for tests that wait for it to lapse; long enough for a machine under load
    )
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
async def visitor(site: Site) -> Visitor:
    """A new visitor of the site."""
    return await visit(site)
