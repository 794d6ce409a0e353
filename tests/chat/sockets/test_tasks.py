"""Cancelling tasks and waiting for their end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from chat.sockets import tasks
from chat.sockets.tasks import end_all


async def test_all_have_ended_however_they_did():
    """It waits for all tasks, including ones that fail while being cancelled or had already ended."""

    async def wait() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    begun = [asyncio.create_task(work) for work in (wait(), fail(), asyncio.sleep(0))]
    await asyncio.sleep(0)
    await end_all(begun)
    assert all(task.done() for task in begun)
    assert isinstance(begun[1].exception(), ValueError)


async def test_a_task_that_loses_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch):
    """A task that loses a cancellation is cancelled again."""
    monkeypatch.setattr(tasks, "PATIENCE", 0.01)

    async def lose_one() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(lose_one())
    await asyncio.sleep(0)
    await end_all([task])
    assert task.cancelled()


async def test_nothing_is_nothing_to_wait_for():
    """Without tasks it returns at once."""
    await end_all([])
