"""Reading events with waits that end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from chat.api.openai.reading import Reading
from chat.api.waiting import Revoked
from chat.domain.events import TextDelta, TurnFinished
from chat.domain.exceptions import AccessDenied, RunUnknown
from chat.domain.runs import Entry
from chat.domain.session_ids import owned_session
from tests.chat.api.scripted_runs import ScriptedRuns

SESSION = owned_session("bob", "s")


def tail(*script: object) -> tuple[ScriptedRuns, AsyncGenerator[Entry]]:
    runs = ScriptedRuns(*script)  # type: ignore[arg-type]
    return runs, runs.tail(SESSION, "t")


async def test_no_event_is_lost_in_a_wait():
    """A wait that has ended leaves the event to the next one."""
    go = asyncio.Event()
    _, entries = tail(go, TextDelta("Hi."), TurnFinished("Hi."))
    reading = Reading(entries, asyncio.Future())
    assert await reading.next(0.001) is None
    go.set()
    assert await reading.next() == TextDelta("Hi.")
    assert not reading.ended
    assert await reading.next(1) == TurnFinished("Hi.")
    assert reading.ended


async def test_closing_ends_the_wait():
    """The tail is closed, whether or not something is awaited from it."""
    runs, entries = tail(asyncio.Event())
    reading = Reading(entries, asyncio.Future())
    await reading.next(0.001)
    assert runs.listeners == 1
    await reading.aclose()
    assert runs.listeners == 0
    await Reading(tail()[1], asyncio.Future()).aclose()


async def test_an_error_of_the_tail_is_raised():
    """It is that of the wait, and closing is quiet."""
    reading = Reading(tail(RunUnknown())[1], asyncio.Future())
    with pytest.raises(RunUnknown):
        await reading.next()
    await reading.aclose()


async def test_a_revoked_token_reads_no_further():
    """Its holder loses the answer in the middle."""
    revoked: Revoked = asyncio.Future()
    runs, entries = tail(TextDelta("Hi."), asyncio.Event())
    reading = Reading(entries, revoked)
    assert await reading.next() == TextDelta("Hi.")
    asyncio.get_running_loop().call_soon(revoked.set_result, AccessDenied("revoked_token"))
    with pytest.raises(AccessDenied):
        await reading.next()
    await reading.aclose()
    assert runs.listeners == 0
