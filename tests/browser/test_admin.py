"""The admin's session pages in a browser: the scripts and styles of Django's admin work on them."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import World
from tests.support.staff import PASSWORD, make_superuser

pytestmark = pytest.mark.browser


def test_ticked_sessions_are_deleted(open_page: Callable[..., Page], world: World) -> None:
    """Staff sign in, tick all sessions of a namespace with one click and confirm; the list is then empty."""
    for name in ("one", "two"):
        said = {"messages": [{"role": "Human", "content": f"this is {name}"}]}
        address = f"{world.memory.url}/sessions/ticked-{name}/memory?namespace=ticked"
        httpx.post(address, json=said, trust_env=False).raise_for_status()
    make_superuser(world.site, "root")
    page = open_page("/admin/login/?next=/admin/chat/session/%3Fnamespace=ticked")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    page.get_by_label("Select all sessions on this page for an action").check()
    expect(page.locator(".action-counter")).to_have_text("2 of 2 selected")
    page.get_by_label("Action:").select_option("Delete selected sessions")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("#deleted-objects li")).to_have_text(["ticked-two", "ticked-one"])
    page.get_by_role("button", name="Yes, I’m sure").click()
    expect(page.locator(".messagelist")).to_have_text("2 sessions were deleted.")
    expect(page.get_by_text("No sessions here.")).to_be_visible()
