"""Positions in an answer."""

from __future__ import annotations

import pytest

from chat.api.ag_ui.offsets import Offset, mark_of, parse


def test_an_offset_is_read_as_it_was_written():
    """It names its session, so that a client needs to send nothing else."""
    offset = Offset("trip-to_rome", 2, 17, 1)
    assert parse(str(offset)) == offset
    marked = Offset("trip-to_rome", 2, 17, 1, mark_of("run-1"))
    assert parse(str(marked)) == marked


def test_two_runs_of_a_session_share_no_offset():
    """A client passes over an event whose offset it has seen, also if that was another run's."""
    first, second = (str(Offset("s", 1, 3, 0, mark_of(run))) for run in ("run-1", "run-2"))
    assert first != second


def test_an_offset_is_of_one_run():
    """One without a mark, which a client has from an earlier version, may be of any run of its session."""
    marked, unmarked = Offset("s", 1, 3, 0, mark_of("run-1")), Offset("s", 1, 3, 0)
    assert [marked.is_of("s", "run-1"), marked.is_of("s", "run-2"), marked.is_of("t", "run-1")] == [True, False, False]
    assert [unmarked.is_of("s", "run-1"), unmarked.is_of("s", "run-2"), unmarked.is_of("t", "run-1")] == [
        *(True, True, False),
    ]


@pytest.mark.parametrize("written", ["", "-1", "0", "trip.1.2", "trip.1.-1.0", "a/b.1.2.3", f"{'s' * 65}.1.2.3"])
def test_another_offset_means_the_start(written: str):
    """What was not made here names no position."""
    assert parse(written) is None


def test_the_order_is_that_of_the_events():
    """By entry of the log, then by event made from it."""
    offset = Offset("s", 1, 3, 1)
    assert Offset("s", 1, 3, 2).is_behind(offset)
    assert Offset("s", 1, 4, 0).is_behind(offset)
    assert not offset.is_behind(offset)
    assert not Offset("s", 1, 2, 9).is_behind(offset)
