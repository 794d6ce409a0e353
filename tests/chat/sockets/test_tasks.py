"""A task that is to end has ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from chat.sockets import tasks
from chat.sockets.tasks import end_all


async def test_all_have_ended_however_they_did():
    """One that waits, one that fails on the way out, and one that had ended before."""

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
    """As a wait does that is over in the very moment."""
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
    """A socket may close before it has a task."""
    await end_all([])
