"""The pauses between two tries to connect."""

from __future__ import annotations

import pytest

from redis_link.exceptions import StoreUnavailable
from redis_link.pauses import FIRST_PAUSE, RECONNECT_GRACE, SLOWEST_RECONNECT, pause_after


async def test_pauses_double_up_to_the_longest(caplog: pytest.LogCaptureFixture) -> None:
    """Each is announced with its reason, and a waiting command outlives the longest."""
    delay = FIRST_PAUSE
    for _ in range(2):
        delay = await pause_after(StoreUnavailable("Redis is away."), delay)
    assert delay == 4 * FIRST_PAUSE
    assert caplog.messages[0] == f"Redis is away. Next try in {FIRST_PAUSE:.2f} s."
    assert await pause_after(StoreUnavailable("Redis is away."), SLOWEST_RECONNECT) == SLOWEST_RECONNECT
    assert SLOWEST_RECONNECT < RECONNECT_GRACE
