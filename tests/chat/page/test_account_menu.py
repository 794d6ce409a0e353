"""Who the page belongs to. The pages are tested on a site, in ``tests/chat/page/views/test_account.py``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import AsyncRequestFactory

from chat.domain.exceptions import AccountsUnreachable, ChatError, MemoryUnreachable, RunLogUnreachable
from chat.domain.session_ids import owned_session
from chat.grants.credentials import Visit
from chat.page import account_menu
from chat.page.account_menu import Here, account_context, place_after, sessions_here
from chat.web.cookies import new_visit_of
from tests.support.in_memory import DictMemory

BOB = Visit("bob", "v", 0)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> DictMemory:
    """The memory of the site."""
    memory = DictMemory()
    monkeypatch.setattr(account_menu, "components", lambda: SimpleNamespace(memory=memory))
    return memory


async def test_the_sessions_of_a_browser_are_counted(memory: DictMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser without a cookie has none, and during an outage it is not known how many there are."""
    for name in ("a", "b"):
        memory.seed(owned_session("bob", name), "hi")
    assert await sessions_here(BOB) == Here(2, can_move=True)
    assert await sessions_here(None) == Here(0, can_move=True)

    async def away(*_: Any, **__: Any) -> Any:
        raise MemoryUnreachable

    monkeypatch.setattr(memory, "list_sessions", away)
    assert await sessions_here(BOB) == Here(None, can_move=True)


async def context_without_account(error: ChatError, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The context for a visit of bob's whose account cannot be looked up because of ``error``."""

    async def away(_: Visit) -> None:
        raise error

    monkeypatch.setattr(account_menu, "account_of_visit", away)
    request: Any = AsyncRequestFactory().get("/")
    request.visit = new_visit_of("bob")
    return await account_context(request)


async def test_without_redis_the_menu_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page itself says what is away."""
    assert (await context_without_account(RunLogUnreachable(), monkeypatch))["account"]["name"] == ""


async def test_without_the_database_the_menu_says_that_somebody_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat goes on, and the menu neither offers to sign in nor warns that the sessions would be lost."""
    context = await context_without_account(AccountsUnreachable(), monkeypatch)
    shown = render_to_string("chat/_account.html", context)
    assert "The accounts cannot be reached." in shown
    assert "Your sessions stay in your account." in shown
    assert not any(said in shown for said in ("Visitor on this browser", "account/sign-in", "never open these"))


@pytest.mark.parametrize(
    ("wanted", "place"), [("/s/trip", "/s/trip"), ("", "/"), ("https://example.com", "/"), ("///example.com", "/")]
)
def test_the_place_after_a_form_is_on_this_site(wanted: str, place: str) -> None:
    """Whatever the form or the address says."""
    factory = AsyncRequestFactory()
    assert place_after(factory.post("/", {"next": wanted})) == place
    assert place_after(factory.get("/", {"next": wanted})) == place
