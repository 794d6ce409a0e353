"""A site and a new visitor."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site
from tests.support.staff import make_staff


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one worker, and two staff accounts: one may view sessions, one may do nothing."""
    data = tmp_path_factory.mktemp("site")
    # All tests come from one address, and on a quick machine open more pages a minute than one may.
    settings = {"CHAT_SIGN_UP": "open", "CHAT_PAGES_PER_MINUTE_PER_ADDRESS": "0"}
    with (
        ScriptedOpenAI() as model,
        running(start_site(data, "--workers", "1", OPENAI_BASE_URL=model.url, **settings)) as site,
    ):
        assert isinstance(site, Site)
        make_staff(site, {"viewer": ["view_session"], "nothing": []})
        yield site


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    """A new visitor, who follows redirects."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=30 * PATIENCE, follow_redirects=True) as client:
        yield client
