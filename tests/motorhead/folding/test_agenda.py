"""Running tasks and delayed calls, until both are cancelled."""

from __future__ import annotations

import asyncio

from motorhead.folding.agenda import Agenda


async def test_a_later_call_of_the_same_name_replaces_the_earlier_one() -> None:
    """Each name has one pending call; calls of other names are not affected."""
    agenda, made, other = Agenda(), list[str](), asyncio.Event()
    done = asyncio.Event()
    agenda.later("a", 0.0, lambda: made.append("first"))
    agenda.later("b", 0.0, other.set)
    agenda.later("a", 0.001, done.set)
    await asyncio.gather(done.wait(), other.wait())
    assert made == []


async def test_a_call_may_put_its_name_on_the_agenda_again() -> None:
    """A call can schedule itself again, as retries do."""
    agenda, done = Agenda(), asyncio.Event()
    agenda.later("a", 0.0, lambda: agenda.later("a", 0.0, done.set))
    await done.wait()


async def test_closing_ends_everything() -> None:
    """Tasks are cancelled, and neither pending calls nor calls that the tasks schedule while they end are made."""
    agenda, made, began = Agenda(), list[str](), asyncio.Event()

    async def work() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            agenda.later("rest", 0.0, lambda: made.append("rest"))

    agenda.start(work())
    await began.wait()
    agenda.later("due", 0.0, lambda: made.append("due"))
    await agenda.close()
    assert agenda.closed
    for _ in range(3):
        await asyncio.sleep(0)
    assert made == []
