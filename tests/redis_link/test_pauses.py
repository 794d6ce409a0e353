"""The pauses between two tries to connect."""

from __future__ import annotations

import pytest

from redis_link.exceptions import StoreUnavailable
from redis_link.pauses import FIRST_PAUSE, RECONNECT_GRACE, SLOWEST_RECONNECT, Pauses


async def test_pauses_double_up_to_the_longest() -> None:
    """A waiting command outlives the longest."""
    pauses = Pauses()
    for _ in range(2):
        await pauses.after(StoreUnavailable("Redis is away."))
    assert pauses.next == 4 * FIRST_PAUSE
    pauses.next = SLOWEST_RECONNECT
    await pauses.after(StoreUnavailable("Redis is away."))
    assert pauses.next == SLOWEST_RECONNECT < RECONNECT_GRACE


async def test_what_is_in_the_way_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again a minute later; something else at once, also where it alternates."""
    pauses = Pauses()
    for why in ("Redis is away.", "Redis is away.", "Redis is loading.", "Redis is away.", "Redis is loading."):
        await pauses.after(StoreUnavailable(why))
    assert caplog.messages == ["Redis is away. Trying again.", "Redis is loading. Trying again."]
    monkeypatch.setattr("redis_link.pauses.SAY_AGAIN", -1.0)
    pauses = Pauses()
    caplog.clear()
    for _ in range(2):
        await pauses.after(StoreUnavailable("Redis is away."))
    assert len(caplog.messages) == 2
