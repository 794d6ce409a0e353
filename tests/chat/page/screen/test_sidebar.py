"""The list of sessions beside an open page."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import MemoryUnreachable
from chat.domain.session_ids import owned_session
from chat.page.screen.sidebar import Sidebar
from tests.support.html import places

SESSION, OTHER, FOREIGN = owned_session("owner", "s"), owned_session("owner", "other"), owned_session("somebody", "x")


async def test_the_list_is_sent_when_it_has_changed(memory):
    """The owner's sessions count, and whether this one is empty; other owners' sessions do not."""
    memory.seed(SESSION, "Trip to Madrid")
    sidebar = Sidebar(memory, SESSION)
    assert places(await sidebar.changes(empty=False))["#title"].text == "Trip to Madrid"
    memory.seed(FOREIGN, "secret")
    assert await sidebar.changes(empty=False) == []
    memory.seed(OTHER, "Bees")
    (links,) = [one.links() for one in places(await sidebar.changes(empty=False)).values() if one.links()]
    assert list(links) == ["Bees", "Trip to Madrid"]
    assert await sidebar.changes(empty=True)


async def test_no_title_is_kept(memory):
    """The list shown last is known by a hash."""
    memory.seed(SESSION, "Trip to Madrid")
    sidebar = Sidebar(memory, SESSION)
    await sidebar.changes(empty=False)
    assert not any("Madrid" in str(getattr(sidebar, name)) for name in ("_session", "_shown"))


async def test_a_list_that_cannot_be_loaded_is_an_error(memory):
    """The caller decides how to report it."""
    memory.away = True
    with pytest.raises(MemoryUnreachable):
        await Sidebar(memory, SESSION).changes(empty=False)


async def test_every_detail_in_the_list_counts(memory):
    """A pin and a label are sent, too."""
    memory.seed(SESSION, "Trip to Madrid")
    sidebar = Sidebar(memory, SESSION)
    await sidebar.changes(empty=False)
    for change in ({"pinned": True}, {"labels": ["travel"]}):
        await memory.change_details(SESSION.memory_id, change)
        assert await sidebar.changes(empty=False)
        assert await sidebar.changes(empty=False) == []
