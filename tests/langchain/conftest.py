"""Fixtures: a whole site as run by ``scripts/serve``, with the stand-in model, for LangChain's own clients."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.servers import PATIENCE, Site, running, start_site
from tests.support.staff import Staff, make_superuser, signed_in


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site for all tests in this folder; each uses its own sessions."""
    site = start_site(tmp_path_factory.mktemp("site"), "--workers", "1")
    with running(site):
        yield site


@pytest.fixture(scope="session")
def memory_server(site: Site) -> Iterator[httpx.Client]:
    """An HTTP client of the site's memory server."""
    with httpx.Client(base_url=site.record()["memory"], trust_env=False, timeout=30 * PATIENCE) as client:
        yield client


@pytest.fixture(scope="session")
def staff(site: Site) -> Iterator[Staff]:
    """A client signed in as staff who may view every session."""
    make_superuser(site, "root")
    with signed_in(site, "root") as client:
        yield client
