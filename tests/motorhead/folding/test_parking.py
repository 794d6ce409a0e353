"""Refused summaries: a session is retried after longer and longer rests, and finally parked."""

from __future__ import annotations

import pytest

from motorhead.folding.parking import PARKED_PAUSE, Parking, Refusal, Standing


@pytest.mark.parametrize(
    ("count", "standing", "pause"),
    [
        (1, Standing.RETRYING, 2.0),
        (2, Standing.RETRYING, 4.0),
        (3, Standing.PARKED, PARKED_PAUSE),
        (4, Standing.PARKED, PARKED_PAUSE),
    ],
)
def test_refusals_in_a_row_park_a_session(count: int, standing: Standing, pause: float) -> None:
    """Its rests grow until it is parked, and it stays parked however often it is retried."""
    parking = Parking()
    refusals = [parking.refuse(b"s") for _ in range(count)]
    assert refusals[-1] == Refusal(count)
    assert (refusals[-1].standing, refusals[-1].pause) == (standing, pause)


def test_each_session_has_its_own_count() -> None:
    """A session's count starts again once the session is folded."""
    parking = Parking()
    for _ in range(3):
        parking.refuse(b"s")
    assert parking.refuse(b"other").count == 1
    parking.release(b"s")
    parking.release(b"never refused")
    assert parking.refuse(b"s").count == 1
    assert parking.refuse(b"other").count == 2
