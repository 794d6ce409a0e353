"""A whole site with two workers and a scripted model, and Python clients of one owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from chat_client import ChatClient
from tests.ai_sdk.conftest import model, site, site_model, turns, visitor
from tests.ai_sdk.node import Relay
from tests.ai_sdk.sockets import Visitor
from tests.support.servers import PATIENCE, PROXIES, Site

__all__ = ["model", "site", "site_model", "turns", "visitor"]

#: Seconds for which a client tries to reach the site again.
LONG = 60 * PATIENCE


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies: the site is on this machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def chat(visitor: Visitor) -> AsyncIterator[ChatClient]:
    """A client of a new owner."""
    async with ChatClient(visitor.site.url, visitor.token(), patience=LONG) as client:
        yield client


@pytest.fixture
async def elsewhere(visitor: Visitor) -> AsyncIterator[ChatClient]:
    """Another client of the same owner, with a connection of its own."""
    async with ChatClient(visitor.site.url, visitor.token(), patience=LONG) as client:
        yield client


@pytest.fixture
async def relay(site: Site) -> AsyncIterator[Relay]:
    """A relay to the site that can be cut."""
    async with Relay(urlsplit(site.url).port or 0).open() as relay:
        yield relay


@pytest.fixture
async def behind_relay(relay: Relay, visitor: Visitor) -> AsyncIterator[ChatClient]:
    """A client of the same owner whose connections can be cut."""
    async with ChatClient(f"http://127.0.0.1:{relay.port}", visitor.token(), patience=LONG) as client:
        yield client
