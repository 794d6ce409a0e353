"""The state of readers, by their position, the log's content and their state before."""

from __future__ import annotations

import pytest

from chat.domain.events import Event, Restarted, TextDelta, TurnStarted
from chat.domain.runs import Cursor, Entry, Turn
from chat.domain.session_ids import Session
from chat.runs.live import LiveRun
from chat.runs.readers import ReaderState, read_live, reader_state
from chat.runs.records import LogSlice

MORE = [TextDelta("a")]
TURN = Turn(Session("owner.s1", "chat.owner"), "t1", "hi", "web.1", 42)


def log_slice(last_seq: int, *, generation: int = 1, ended: bool = False, more: bool = False) -> LogSlice:
    return LogSlice(generation, ended, lapsed=False, last_seq=last_seq, events=MORE if more else [])


@pytest.mark.parametrize(
    ("place", "found", "before", "state"),
    [
        ((0, -1), log_slice(3, more=True), ReaderState.UNPLACED, ReaderState.UNPLACED),
        ((0, -1), log_slice(3, generation=2, ended=True), ReaderState.UNPLACED, ReaderState.UNPLACED),
        ((1, -1), log_slice(3, more=True), ReaderState.UNPLACED, ReaderState.BEHIND),
        ((1, 2), log_slice(3, more=True), ReaderState.CAUGHT_UP, ReaderState.BEHIND),
        ((1, 2), log_slice(3, ended=True, more=True), ReaderState.CAUGHT_UP, ReaderState.BEHIND),
        ((1, 3), log_slice(3), ReaderState.BEHIND, ReaderState.CAUGHT_UP),
        ((1, 3), log_slice(3, ended=True), ReaderState.BEHIND, ReaderState.OVER),
        ((1, -1), log_slice(-1), ReaderState.UNPLACED, ReaderState.CAUGHT_UP),
        ((1, -1), log_slice(-1, ended=True), ReaderState.UNPLACED, ReaderState.OVER),
        ((1, 3), log_slice(4, ended=True), ReaderState.BEHIND, ReaderState.CAUGHT_UP),  # written between two reads
        ((1, 5), log_slice(3), ReaderState.UNPLACED, ReaderState.AHEAD),
        ((1, 5), log_slice(3, ended=True), ReaderState.UNPLACED, ReaderState.AHEAD),
        ((1, 5), log_slice(3), ReaderState.AHEAD, ReaderState.VOID),
        ((1, 5), log_slice(6, more=True), ReaderState.AHEAD, ReaderState.BEHIND),
        ((1, 5), log_slice(5), ReaderState.AHEAD, ReaderState.CAUGHT_UP),
        ((1, 3), log_slice(3, generation=2), ReaderState.CAUGHT_UP, ReaderState.VOID),
        ((2, 3), log_slice(3, generation=1), ReaderState.UNPLACED, ReaderState.VOID),
    ],
)
def test_every_place_has_its_state(
    place: tuple[int, int], found: LogSlice, before: ReaderState, state: ReaderState
) -> None:
    """A position ahead of the log is void only at the second read, since readers may be a flush ahead."""
    assert reader_state(Cursor("t1", *place), found, before) is state


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
    """A run of this process can be read from any position; a void one gives `Restarted` at seq -1."""
    events: list[Event] = [TurnStarted("t1", "hi", "web.1", 42), TextDelta("Hi"), TextDelta(" Bob")]
    run = LiveRun(TURN, generation=2)
    for event in events:
        run.publish(event)
    run.close()
    entries = [entry async for entry in read_live(run, after)]
    whole: list[Event] = [Restarted(), *events]
    assert entries == [Entry(Cursor("t1", 2, seq), whole[seq + 1]) for seq in range(first, 3)]
