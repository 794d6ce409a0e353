"""A whole site with one worker and a scripted model, and callers of its API."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.chat.api.v1.callers import Caller
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import Site, running, start_site
from tests.support.staff import make_superuser
from tests.support.turns_of_a_test import turns_of_a_test

#: The other origin whose pages may use the API.
APP = "https://app.example.org"

_owners = count()


@pytest.fixture(scope="package")
def site_model() -> Iterator[ScriptedOpenAI]:
    """The site's model. Use ``model``, which has no replies left over from another test."""
    with ScriptedOpenAI() as server:
        yield server


@pytest.fixture(scope="package")
def site(site_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, without limits, with an account of staff who may do everything."""
    settings = {"CHAT_ALLOWED_ORIGINS": APP, "CHAT_TURNS_PER_MINUTE": "0", "CHAT_PAGES_PER_MINUTE": "0"}
    settings["CHAT_PAGES_PER_MINUTE_PER_ADDRESS"] = "0"
    settings |= {"OPENAI_BASE_URL": site_model.url, "MOTORHEAD_MAX_WINDOW_SIZE": "12"}
    with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "1", **settings)) as site:
        make_superuser(site, "everything")
        yield site


@pytest.fixture
def turns(site: Site, site_model: ScriptedOpenAI) -> Iterator[None]:
    """No turns of another test."""
    with turns_of_a_test(site_model, site.record()["redis"]):
        yield


@pytest.fixture
def model(turns: None, site_model: ScriptedOpenAI) -> ScriptedOpenAI:
    """The site's model, without scripted replies or earlier requests."""
    return site_model


@pytest.fixture
def caller(site: Site, turns: None) -> Iterator[Caller]:
    """A new owner with a bearer token."""
    with Caller(site, f"owner-{next(_owners)}") as caller:
        yield caller


@pytest.fixture
def visitor(site: Site, turns: None) -> Iterator[httpx.Client]:
    """A new visitor of the site's pages, with a cookie."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60) as client:
        client.get("/s/first")
        yield client
