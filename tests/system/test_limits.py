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
from tests.support.staff import PASSWORD, Staff, make_staff

GUESS = "a guess"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one worker behind a proxy on this machine, whose limits are low."""
    limits = {
        "CHAT_PAGES_PER_MINUTE": "3",
        "CHAT_TURNS_PER_MINUTE_PER_ADDRESS": "1",
        "CHAT_SOCKETS_PER_ADDRESS": "2",
        "CHAT_LOGINS_PER_NAME": "2",
        "CHAT_LOGINS_PER_ADDRESS": "3",
    }
    with ScriptedOpenAI() as model:
        settings = {"OPENAI_BASE_URL": model.url, "CHAT_TRUSTED_PROXIES": "127.0.0.1", **limits}
        with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "1", **settings)) as site:
            assert isinstance(site, Site)
            make_staff(site, {"margaret": [], "edith": []})
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


def sign_in(site: Site, address: str, name: str, password: str) -> str:
    """What the login page says to a name and a password; "" for a sign-in."""
    headers = {"X-Forwarded-For": address}
    with Staff(base_url=site.url, headers=headers, trust_env=False, timeout=30 * PATIENCE) as client:
        client.get("/admin/login/")
        answer = client.submit("/admin/login/", username=name, password=password, next="/admin/")
    return "" if answer.status_code == 302 else parse(answer.text).all("p", of="errornote")[0].text


def test_passwords_cannot_be_guessed(site: Site) -> None:
    """After some failures a name is refused even with its password, and an address with every name."""
    assert "correct username and password" in sign_in(site, "93.184.216.36", "margaret", GUESS)
    assert sign_in(site, "93.184.216.36", "margaret", PASSWORD) == ""
    for address in ("93.184.216.37", "93.184.216.38"):
        assert "correct username and password" in sign_in(site, address, "Margaret", GUESS)
    assert "Too many attempts" in sign_in(site, "93.184.216.39", "margaret", PASSWORD)
    for number in range(2):
        assert "correct username and password" in sign_in(site, "93.184.216.37", f"name {number}", GUESS)
    assert "Too many attempts to sign in have failed." in sign_in(site, "93.184.216.37", "another name", GUESS)
    assert "Please enter" in sign_in(site, "93.184.216.39", "another name", GUESS)


def sign_in_on_page(site: Site, address: str, name: str, password: str) -> str:
    """What the page says to a name and a password; "" for a sign-in."""
    headers = {"X-Forwarded-For": address}
    with Staff(base_url=site.url, headers=headers, trust_env=False, timeout=30 * PATIENCE) as client:
        client.get("/account/sign-in")
        answer = client.submit("/account/sign-in", username=name, password=password)
    return "" if answer.status_code == 302 else parse(answer.text).all("p", of="trouble")[0].text


def test_passwords_cannot_be_guessed_on_the_page_either(site: Site) -> None:
    """Its attempts count together with those in the admin."""
    assert "The name or the password is wrong." in sign_in_on_page(site, "93.184.216.50", "nobody else", GUESS)
    assert "correct username and password" in sign_in(site, "93.184.216.51", "nobody else", GUESS)
    for attempt in (sign_in_on_page, sign_in):
        assert "Too many attempts" in attempt(site, "93.184.216.52", "nobody else", GUESS)


def test_guesses_of_strangers_do_not_lock_a_password_change(site: Site) -> None:
    """Who is signed in can change it while the name is refused."""
    headers = {"X-Forwarded-For": "93.184.216.60"}
    with Staff(base_url=site.url, headers=headers, trust_env=False, timeout=30 * PATIENCE) as client:
        client.get("/account/sign-in")
        assert client.submit("/account/sign-in", username="edith", password=PASSWORD).status_code == 302
        for address in ("93.184.216.61", "93.184.216.62"):
            sign_in_on_page(site, address, "edith", GUESS)
        assert "Too many attempts" in sign_in_on_page(site, "93.184.216.63", "edith", PASSWORD)
        client.get("/account/password")
        said = client.submit("/account/password", old_password=GUESS, new_password1="x", new_password2="x").text
        assert "entered incorrectly" in said


def test_failed_sign_ins_are_logged_without_the_name(site: Site) -> None:
    """The lines tell the failures of one name and address from others."""
    before = len(site.log.read_text())
    for name in ("agatha", "agatha", "agatha", "blanche"):
        sign_in(site, "93.184.216.40", name, GUESS)
    lines = [line for line in site.log.read_text()[before:].splitlines() if "A sign-in" in line]
    assert ["failed" in line for line in lines] == [True, True, False, True]
    assert all("address 93.184.216.40" in line for line in lines)
    first, second, refused, other = (line.split("name ")[1].split(",")[0] for line in lines)
    assert first == second == refused != other
    assert not any(name in "".join(lines) for name in ("agatha", "blanche"))
