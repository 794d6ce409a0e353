"""Pauses between tries."""

from __future__ import annotations

import asyncio

import pytest

from chat_client import Unreachable
from chat_client.patience import LONGEST, Patience


async def test_pauses_grow_until_something_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """They double up to the longest, each a little shorter by chance, and begin again."""
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", note)
    patience = Patience(3600)
    for _ in range(10):
        await patience.pause(Unreachable("Away."))
    patience.renew()
    await patience.pause(Unreachable("Away."))
    expected = [*(min(LONGEST, 0.1 * 2**number) for number in range(10)), 0.1]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, expected, strict=True))


async def test_the_last_cause_is_raised() -> None:
    """Once patience has run out."""
    with pytest.raises(Unreachable, match=r"Away\."):
        await Patience(0).pause(Unreachable("Away."))
