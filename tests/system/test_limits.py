"""Limits by address on a whole site behind a proxy: neither a new cookie nor a forged header gains anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from tests.ai_sdk.sockets import Socket, Visitor, raw_socket, send_frame, user_message, visit
from tests.support.html import parse
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one worker behind a proxy on this machine, whose limits are low."""
    limits = {"CHAT_PAGES_PER_MINUTE": "3", "CHAT_TURNS_PER_MINUTE_PER_ADDRESS": "1", "CHAT_SOCKETS_PER_ADDRESS": "2"}
    with ScriptedOpenAI() as model:
        settings = {"OPENAI_BASE_URL": model.url, "CHAT_TRUSTED_PROXIES": "127.0.0.1", **limits}
        with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "1", **settings)) as site:
            assert isinstance(site, Site)
            yield site


def opened(site: Site, forwarded_for: str, **headers: str) -> httpx.Response:
    """The answer to a browser that refuses cookies, through a proxy that has written ``forwarded_for``."""
    headers = {"X-Forwarded-For": forwarded_for, **headers}
    return httpx.get(f"{site.url}/s/trip", headers=headers, trust_env=False, timeout=30 * PATIENCE)


def test_refusing_cookies_buys_no_pages(site: Site) -> None:
    """Beyond the limit, a page is a sentence with the time to wait; clients of another network are not affected."""
    assert [opened(site, "2606:4700::1").status_code for _ in range(3)] == [200] * 3
    refused = opened(site, "198.51.100.7, 2606:4700::2")
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert "You have opened 3 pages of this site within a minute." in parse(refused.text).all("main")[0].text
    by_script = opened(site, "2606:4700::3", **{"HX-Request": "true"})
    assert by_script.status_code == 429
    assert by_script.text.startswith("<hx-partial")
    assert opened(site, "2606:4700:0:1::1").status_code == 200


async def socket_from(sockets: AsyncExitStack, visitor: Visitor, address: str) -> Socket:
    """A socket of the visitor from ``address``."""
    headers: dict[str, Any] = {**visitor.headers(), "X-Forwarded-For": address}
    return await sockets.enter_async_context(raw_socket(visitor.site, headers=headers))


async def test_a_new_cookie_buys_no_turns(site: Site) -> None:
    """The turns of an address are counted for all its visitors."""
    async with AsyncExitStack() as sockets:
        first, second = [await socket_from(sockets, await visit(site), "93.184.216.34") for _ in range(2)]
        assert (await first.ask("s", "hi")).last["type"] == "end"
        refused = (await second.ask("s", "hi")).last
    assert refused["code"] == "too_many_turns"
    assert refused["errorText"].startswith("Your network has used its 1 turns")


async def test_a_new_cookie_buys_no_sockets(site: Site) -> None:
    """The sockets of an address are counted for all its visitors."""
    async with AsyncExitStack() as sockets:
        opened = [await socket_from(sockets, await visit(site), "93.184.216.35") for _ in range(3)]
        assert "Your network has 2 connections" in (await opened[2].next(""))["errorText"]
        assert await opened[2].close_code() == 4429


async def test_a_socket_too_many_within_a_minute_may_come_again(site: Site) -> None:
    """Opening a socket is as much work as opening a page, and counts as one."""
    visitor = await visit(site)
    for _ in range(3):
        async with visitor.socket() as socket:
            await socket.send(send_frame("r", "s", user_message("")))
            await socket.answer("r")
    async with visitor.socket() as socket:
        refused = await socket.next("")
        assert (refused["code"], await socket.close_code()) == ("too_many_pages", 4015)
