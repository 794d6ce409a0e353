"""The queue of sessions to fold: each session has one place, whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from motorhead.folding.queue import FoldQueue, Phase

ID = b"s"

#: The events that bring a session into each phase.
INTO: dict[Phase | None, list[str]] = {
    None: [],
    Phase.WAITING: ["add"],
    Phase.FOLDING: ["add", "take"],
    Phase.AGAIN: ["add", "take", "add"],
    Phase.RESTING: ["add", "take", "rest"],
}


def happen(queue: FoldQueue, event: str) -> None:
    """Make ``event`` happen to the session."""
    if event == "take":
        assert queue.take() == ID
    else:
        call: Callable[[bytes], object] = getattr(queue, event)
        call(ID)


@pytest.mark.parametrize(
    ("phase", "event", "after"),
    [
        (None, "add", Phase.WAITING),
        (Phase.WAITING, "add", Phase.WAITING),
        (Phase.WAITING, "take", Phase.FOLDING),
        (Phase.FOLDING, "add", Phase.AGAIN),
        (Phase.FOLDING, "finish", None),
        (Phase.FOLDING, "rest", Phase.RESTING),
        (Phase.FOLDING, "put_back", Phase.WAITING),
        (Phase.AGAIN, "add", Phase.AGAIN),
        (Phase.AGAIN, "finish", Phase.WAITING),
        (Phase.AGAIN, "rest", Phase.RESTING),
        (Phase.AGAIN, "put_back", Phase.WAITING),
        (Phase.RESTING, "add", Phase.RESTING),
        (Phase.RESTING, "wake", Phase.WAITING),
    ],
)
def test_a_session_goes_from_phase_to_phase(phase: Phase | None, event: str, after: Phase | None) -> None:
    """Every event in every phase leads to the phase in the table, and the counts of the queue follow."""
    queue = FoldQueue()
    for earlier in INTO[phase]:
        happen(queue, earlier)
    assert queue.phase(ID) is phase
    happen(queue, event)
    assert queue.phase(ID) is after
    assert queue.ready is (after is Phase.WAITING)
    assert queue.folding == (after in {Phase.FOLDING, Phase.AGAIN})
    assert queue.waiting == (after in {Phase.WAITING, Phase.RESTING})


def test_sessions_take_turns() -> None:
    """The session that has waited longest is next; one that is put back or woken goes to the end."""
    queue = FoldQueue()
    for name in (b"a", b"b", b"c"):
        assert queue.add(name)
        assert not queue.add(name)
    assert queue.take() == b"a"
    assert queue.take() == b"b"
    queue.rest(b"b")
    queue.put_back(b"a")
    queue.wake(b"b")
    assert [queue.take() for _ in range(3)] == [b"c", b"a", b"b"]


def test_the_lag_is_that_of_the_session_added_first() -> None:
    """The lag counts from when a session was added, however often it is retried, and is 0 for an empty queue."""
    queue = FoldQueue()
    assert queue.lag == 0.0
    queue.add(ID)
    before = queue.lag
    queue.take()
    queue.put_back(ID)
    assert queue.lag >= before > 0.0
    queue.take()
    queue.finish(ID)
    assert queue.lag == 0.0
