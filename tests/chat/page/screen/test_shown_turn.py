"""States of the turn below the window, and the transitions between them."""

from __future__ import annotations

import pytest

from chat.domain.events import (
    Event,
    MemoryLoaded,
    Restarted,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat.page import fragments, names
from chat.page.growing_reply import Growth
from chat.page.screen.shown_turn import NotGrowing, ShownTurn, Update

STARTED = TurnStarted("t1", "hi", "web.1", 1)
LOADED = MemoryLoaded(None, 0)
DELTA = TextDelta("Hello")
FINISHED, STOPPED = TurnFinished("Hello"), TurnStopped("Hello")
UNSAVED, FAILED = TurnFinished("Hello", remembered=False), TurnFailed("c", "The model broke off.", True)
GROWING = "growing"


def state_of(turn: ShownTurn) -> str | NotGrowing:
    return GROWING if turn.is_growing else turn.state  # type: ignore[return-value]


async def turn_in(state: str | NotGrowing) -> ShownTurn:
    turn = ShownTurn("owner.s")
    if state == GROWING:
        await show(turn, STARTED)
    elif state is NotGrowing.SETTLING:
        await show(turn, STARTED, FINISHED)
    return turn


async def show(turn: ShownTurn, *events: Event) -> list[Update]:
    return [update async for update in turn.show(events, "")]


@pytest.mark.parametrize("before", [NotGrowing.NONE, GROWING, NotGrowing.SETTLING])
@pytest.mark.parametrize(
    ("event", "after"),
    [
        (STARTED, GROWING),
        (Restarted(), NotGrowing.NONE),  # its start follows
        (LOADED, None),
        (DELTA, None),
        (FINISHED, NotGrowing.SETTLING),
        (STOPPED, NotGrowing.SETTLING),
        (UNSAVED, NotGrowing.NONE),
        (TurnStopped("", remembered=False), NotGrowing.NONE),
        (FAILED, NotGrowing.NONE),
    ],
)
async def test_an_event_leads_to_a_state(before, event, after):
    """In every earlier state. Events of a turn whose start was missed change nothing."""
    turn = await turn_in(before)
    updates = await show(turn, event)
    begins = isinstance(event, TurnStarted | Restarted)
    if before == GROWING or begins:
        assert state_of(turn) == (after or before)
    else:
        assert state_of(turn) == before
        assert updates == [([], {})]


@pytest.mark.parametrize(
    ("events", "facts"),
    [
        ([DELTA], {}),
        ([LOADED], {"taken": "t1"}),
        ([FINISHED], {"ended": "t1"}),
        ([LOADED, DELTA, FAILED], {"taken": "t1", "ended": "t1"}),
    ],
)
async def test_the_pages_script_learns_the_progress_of_the_turn(events, facts):
    """It drops its draft when the memory is loaded, and its stop command when the turn ends."""
    ((_, found),) = await show(await turn_in(GROWING), *events)
    assert found == facts


async def test_many_events_make_two_updates():
    """The turn's elements must exist before text is put into them."""
    first, second = await show(ShownTurn("owner.s"), STARTED, LOADED, DELTA, TextDelta(" Bob."))
    assert first == (fragments.started(STARTED), {names.ANSWERING: "t1", names.ANSWERER: "web.1/1"})
    assert second == (
        [*fragments.prompt(LOADED, "t1"), *fragments.text("t1", Growth(tail="Hello Bob."))],
        {"taken": "t1"},
    )


async def test_a_restarted_turn_loses_its_text():
    """Text from before the restart does not appear after it."""
    turn = await turn_in(GROWING)
    (first, _), (second, _) = await show(turn, DELTA, Restarted(), STARTED, TextDelta("Hi"))
    assert first == [fragments.clear_live(), *fragments.started(STARTED)]
    assert second == fragments.text("t1", Growth(tail="Hi"))


async def test_the_end_comes_after_the_last_text():
    """The notice that waited for the turn is removed."""
    ((swaps, _),) = await show(await turn_in(GROWING), DELTA, FINISHED)
    assert swaps == [
        *fragments.text("t1", Growth(tail="Hello")),
        *fragments.remembered(FINISHED),
        fragments.clear_notice("turn"),
    ]


@pytest.mark.parametrize(
    ("before", "swaps", "after"),
    [
        (NotGrowing.NONE, [], NotGrowing.NONE),
        (GROWING, [], GROWING),
        (NotGrowing.SETTLING, [fragments.clear_live()], NotGrowing.NONE),
    ],
)
async def test_a_remembered_turn_is_removed_once_the_window_has_it(before, swaps, after):
    """A turn that has started since stays."""
    turn = await turn_in(before)
    assert turn.settle() == swaps
    assert state_of(turn) == after


async def test_a_new_turn_is_not_mistaken_for_a_settling_one():
    """The new turn replaced the settling one: the next window removes nothing."""
    turn = await turn_in(NotGrowing.SETTLING)
    await show(turn, TurnStarted("t2", "and?", "web.1", 1))
    assert turn.settle() == []


@pytest.mark.parametrize("before", [NotGrowing.NONE, GROWING, NotGrowing.SETTLING])
async def test_after_a_lost_run_no_turn_grows(before):
    """In every earlier state; the turn is then shown from its start."""
    turn = await turn_in(before)
    assert turn.lose_run() == [fragments.clear_growing(), fragments.clear_stop()]
    assert turn.state is NotGrowing.NONE


@pytest.mark.parametrize(("before", "kept"), [(NotGrowing.NONE, False), (GROWING, True)])
async def test_a_deletion_removes_failed_turns(before, kept):
    """A growing one goes on."""
    assert (await turn_in(before)).lose_session() == ([] if kept else [fragments.clear_all_live()])


async def test_a_second_description_of_the_prompt_replaces_the_first():
    """The model could not read as much as the first one says."""
    turn = await turn_in(GROWING)
    ((swaps, _),) = await show(turn, MemoryLoaded(None, 11), MemoryLoaded(None, 3, omitted=8), DELTA)
    notices = [swap for swap in swaps if "#omitted" in swap]
    assert len(notices) == 2
    assert "8 of its oldest messages were left out" in notices[-1]
