"""What a page shows, and the changes by a memory or an outage."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat.domain.events import Event, TurnFinished, TurnStarted
from chat.domain.exceptions import MemoryUnreachable, RunLogUnreachable
from chat.domain.messages import Memory, Message, Role, Window
from chat.domain.session_ids import owned_session
from chat.page import fragments, notices
from chat.page.screen.outage import Away
from chat.page.screen.page_state import PageState

SESSION = owned_session("owner", "s")
EMPTY = Memory((), None, 0, Window(12), etag="e-0")
TALK = Memory((Message(Role.HUMAN, "hi", "1"), Message(Role.AI, "Hello", "2")), None, 0, Window(12), etag="e-1")


def page(*shown: Memory) -> PageState:
    """A page that has shown these memories."""
    state = PageState(SESSION)
    for memory in shown:
        show(state, memory)
    return state


def show(state: PageState, memory: Memory) -> Sequence[str]:
    return state.show_memory(memory, state.draw_memory(memory, None))


async def turn(state: PageState, *events: Event) -> None:
    async for _ in state.turn.show([TurnStarted("t1", "hi", "web.1", 1), *events], state.newest):
        pass


def test_the_first_memory_is_always_new():
    """The state does not know what the page was loaded with."""
    state = page()
    assert not state.shows(TALK)
    assert not state.is_empty
    assert state.newest is None


def test_a_memory_that_is_shown_is_not_new():
    """Unless it has no etag, as on the original server."""
    assert page(TALK).shows(TALK)
    assert not page(TALK).shows(EMPTY)
    plain = Memory(TALK.messages, None, 0, Window(12))
    assert not page(plain).shows(plain)


async def test_a_memory_may_be_ahead_of_the_end_of_a_turn():
    """It has the exchange of the turn that still grows on the page; one from before has not, even with these words."""
    state, repeated = page(EMPTY), page(TALK)
    assert not state.is_behind(TALK)
    for growing in (state, repeated):
        await turn(growing)
    assert state.is_behind(TALK)
    assert not state.is_behind(EMPTY)
    assert not repeated.is_behind(TALK)
    await turn(state, TurnFinished("Hello"))
    assert not state.is_behind(TALK)


async def test_an_answer_that_is_given_again_is_not_taken_for_the_old_one():
    """A page that has just been opened sees the old one, with the same question, before it shows any memory."""
    state = page()
    async for _ in state.turn.show([TurnStarted("t1", "hi", "web.1", 1, replace_after="0")], None):
        pass
    assert not state.is_behind(TALK)


async def test_a_page_that_waits_for_the_memory_shows_the_same_one_again():
    """It ends a settling turn or an outage."""
    settling, away = page(TALK), page(TALK)
    await turn(settling, TurnFinished("Hello"))
    away.show_outage(MemoryUnreachable())
    for state in (settling, away):
        assert not state.shows(TALK)
        show(state, TALK)
        assert state.shows(TALK)


async def test_a_memory_ends_the_outage_first_and_settles_the_turn_last():
    """The turn is removed once its messages are in the window."""
    state = page(EMPTY)
    await turn(state, TurnFinished("Hello"))
    swaps = show(state, TALK)
    assert list(swaps[:3]) == [
        fragments.outage(""),
        fragments.clear_notice(notices.MEMORY),
        fragments.panel(SESSION, TALK),
    ]
    assert swaps[-1] == fragments.clear_live()
    assert (state.newest, state.is_empty) == ("2", False)


async def test_a_page_says_that_its_session_was_deleted_elsewhere():
    """Failed and unsaved turns go with it, a growing one does not."""
    state = page(TALK)
    assert list(show(state, EMPTY)[-2:]) == [fragments.notice(notices.DELETED), fragments.clear_all_live()]
    assert state.is_empty
    growing = page(TALK)
    await turn(growing)
    assert show(growing, EMPTY)[-1] == fragments.notice(notices.DELETED)


@pytest.mark.parametrize(("error", "away"), [(MemoryUnreachable(), Away.MEMORY), (RunLogUnreachable(), Away.STORE)])
def test_an_outage_is_reported_once(error, away):
    """And again only after the memory was back."""
    state = page(TALK)
    assert len(state.show_outage(error)) == 1
    assert state.show_outage(error) == []
    assert state.outage.away is away
    show(state, TALK)
    assert state.outage.away is Away.NOTHING
    assert len(state.show_outage(error)) == 1
