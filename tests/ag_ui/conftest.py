"""A whole site with two workers and a scripted model, and AG-UI's clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.ag_ui.node import HERE, AgUi, ag_ui
from tests.ai_sdk.conftest import model, site, site_model, turns, visitor
from tests.ai_sdk.node import Relay
from tests.support.node import install
from tests.support.servers import Site

__all__ = ["model", "site", "site_model", "turns", "visitor"]


@pytest.fixture(scope="session")
def installed() -> None:
    """The clients' npm packages."""
    install(HERE)


@pytest.fixture
async def relay(site: Site) -> AsyncIterator[Relay]:
    """A relay to the site that can be cut."""
    async with Relay(urlsplit(site.url).port or 0).open() as relay:
        yield relay


@pytest.fixture
async def client(installed: None) -> AsyncIterator[AgUi]:
    """A process with AG-UI's clients."""
    async with ag_ui() as client:
        yield client
