"""Where a reader stands, by its place, by what the log holds and by what it found before."""

from __future__ import annotations

import pytest

from chat.domain.events import Event, Restarted, TextDelta, TurnStarted
from chat.domain.runs import Cursor, Entry, Turn
from chat.domain.session_ids import Session
from chat.runs.live import LiveRun
from chat.runs.readers import Reading, read_live, reading_of
from chat.runs.records import Stretch

MORE = [TextDelta("a")]
TURN = Turn(Session("owner.s1", "chat.owner"), "t1", "hi", "web.1", 42)


def stretch(last_seq: int, *, generation: int = 1, ended: bool = False, more: bool = False) -> Stretch:
    return Stretch(generation, ended, lapsed=False, last_seq=last_seq, events=MORE if more else [])


@pytest.mark.parametrize(
    ("place", "found", "before", "reading"),
    [
        ((0, -1), stretch(3, more=True), Reading.UNPLACED, Reading.UNPLACED),
        ((0, -1), stretch(3, generation=2, ended=True), Reading.UNPLACED, Reading.UNPLACED),
        ((1, -1), stretch(3, more=True), Reading.UNPLACED, Reading.BEHIND),
        ((1, 2), stretch(3, more=True), Reading.CAUGHT_UP, Reading.BEHIND),
        ((1, 2), stretch(3, ended=True, more=True), Reading.CAUGHT_UP, Reading.BEHIND),
        ((1, 3), stretch(3), Reading.BEHIND, Reading.CAUGHT_UP),
        ((1, 3), stretch(3, ended=True), Reading.BEHIND, Reading.OVER),
        ((1, -1), stretch(-1), Reading.UNPLACED, Reading.CAUGHT_UP),
        ((1, -1), stretch(-1, ended=True), Reading.UNPLACED, Reading.OVER),
        ((1, 3), stretch(4, ended=True), Reading.BEHIND, Reading.CAUGHT_UP),  # written between two looks
        ((1, 5), stretch(3), Reading.UNPLACED, Reading.AHEAD),
        ((1, 5), stretch(3, ended=True), Reading.UNPLACED, Reading.AHEAD),
        ((1, 5), stretch(3), Reading.AHEAD, Reading.VOID),
        ((1, 5), stretch(6, more=True), Reading.AHEAD, Reading.BEHIND),
        ((1, 5), stretch(5), Reading.AHEAD, Reading.CAUGHT_UP),
        ((1, 3), stretch(3, generation=2), Reading.CAUGHT_UP, Reading.VOID),
        ((2, 3), stretch(3, generation=1), Reading.UNPLACED, Reading.VOID),
    ],
)
def test_every_place_has_its_state(place: tuple[int, int], found: Stretch, before: Reading, reading: Reading) -> None:
    """A place ahead of the log is void at the second look only: the owner's readers may be ahead by a flush."""
    assert reading_of(Cursor("t1", *place), found, before) is reading


@pytest.mark.parametrize(
    ("after", "first"),
    [
        (Cursor("t1", 0, -1), 0),
        (Cursor("t1", 2, -1), 0),
        (Cursor("t1", 2, 0), 1),
        (Cursor("t1", 1, 0), -1),  # of another generation
        (Cursor("t1", 2, 9), -1),  # which was never there
    ],
)
async def test_a_run_of_this_process_is_read_from_any_place(after: Cursor, first: int) -> None:
    """What is void begins with `Restarted`, at seq -1."""
    events: list[Event] = [TurnStarted("t1", "hi", "web.1", 42), TextDelta("Hi"), TextDelta(" Bob")]
    run = LiveRun(TURN, generation=2)
    for event in events:
        run.publish(event)
    run.close()
    entries = [entry async for entry in read_live(run, after)]
    whole: list[Event] = [Restarted(), *events]
    assert entries == [Entry(Cursor("t1", 2, seq), whole[seq + 1]) for seq in range(first, 3)]
