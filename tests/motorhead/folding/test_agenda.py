"""What is under way and what is due later, until both are called off."""

from __future__ import annotations

import asyncio

from motorhead.folding.agenda import Agenda


async def test_a_later_call_of_the_same_name_replaces_the_earlier_one() -> None:
    """Each name has one call that is due; calls of other names go on."""
    agenda, made, other = Agenda(), list[str](), asyncio.Event()
    done = asyncio.Event()
    agenda.later("a", 0.0, lambda: made.append("first"))
    agenda.later("b", 0.0, other.set)
    agenda.later("a", 0.001, done.set)
    await asyncio.gather(done.wait(), other.wait())
    assert made == []


async def test_a_call_may_put_its_name_on_the_agenda_again() -> None:
    """As what is tried again and again does."""
    agenda, done = Agenda(), asyncio.Event()
    agenda.later("a", 0.0, lambda: agenda.later("a", 0.0, done.set))
    await done.wait()


async def test_closing_ends_everything() -> None:
    """Tasks are cancelled, and neither what was due nor what they put off as they end is done."""
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
