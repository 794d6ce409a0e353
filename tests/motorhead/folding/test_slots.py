"""The slots of folds: never more in use than exist, and the caller that has waited longest goes first."""

from __future__ import annotations

import asyncio

import pytest

from motorhead.exceptions import Overloaded
from motorhead.folding.slots import Slots


async def hold(slots: Slots, name: str, held: list[str], gate: asyncio.Event, patience: float = 60) -> None:
    """Hold a slot until the gate opens; ``name`` is in ``held`` once the slot is held."""
    async with slots.held(patience):
        held.append(name)
        await gate.wait()


async def test_slots_are_free_up_to_their_count() -> None:
    """An acquired slot is in use until it is released."""
    slots = Slots(2)
    for in_use in (1, 2):
        assert slots.free
        slots.acquire()
        assert slots.in_use == in_use
    assert not slots.free
    slots.release()
    assert slots.free


async def test_a_released_slot_goes_to_the_longest_wait() -> None:
    """Other callers never see it free in between."""
    slots, held, gate = Slots(1), list[str](), asyncio.Event()
    slots.acquire()
    tasks = [asyncio.create_task(hold(slots, name, held, gate)) for name in "ab"]
    await asyncio.sleep(0)
    slots.release()
    assert not slots.free
    gate.set()
    await asyncio.gather(*tasks)
    assert held == ["a", "b"]
    assert slots.in_use == 0


async def test_a_caller_who_gives_up_takes_no_slot() -> None:
    """A caller is refused once its patience is over, and the slot stays with its holder."""
    slots = Slots(1)
    slots.acquire()
    with pytest.raises(Overloaded, match=r"\(1\)"):
        await hold(slots, "late", [], asyncio.Event(), patience=0.0)
    assert slots.in_use == 1
    slots.release()
    assert slots.free


@pytest.mark.parametrize("served", [False, True])
async def test_a_cancelled_wait_passes_the_slot_on(served: bool) -> None:
    """This includes a slot that arrives just as the caller is cancelled."""
    slots, held, gate = Slots(1), list[str](), asyncio.Event()
    slots.acquire()
    waiting = asyncio.create_task(hold(slots, "cancelled", held, gate))
    behind = asyncio.create_task(hold(slots, "behind", held, gate))
    await asyncio.sleep(0)
    if served:
        slots.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    if not served:
        slots.release()
    gate.set()
    await behind
    assert held == ["behind"]
    assert slots.in_use == 0
