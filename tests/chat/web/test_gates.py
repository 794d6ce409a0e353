"""Gates between the requests of an owner."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator

from chat.web.asker import Asker
from chat.web.gates import AskerGates, Gates, through


async def test_the_sockets_of_an_owner_share_a_gate_and_other_owners_do_not():
    """A third request of an owner waits for one of two; another owner's is not held up."""
    gates = Gates(at_a_time=2)
    async with gates.of("bob"), gates.of("bob"):
        assert gates.of("bob").locked()
        assert not gates.of("alice").locked()


async def test_a_gate_lasts_as_long_as_its_sockets():
    """Once no socket of an owner is left, nothing is kept for the owner."""
    gates = Gates()
    gate = gates.of("bob")
    assert len(gates) == 1
    del gate
    gc.collect()
    assert len(gates) == 0


async def test_visitors_and_networks_take_turns():
    """A second request of a visitor waits, and so does that of another in the network, but nobody elsewhere."""
    gates, order = AskerGates(), []

    async def ask(visitor: str, network: str) -> None:
        async with gates.of(Asker(visitor, network)):
            order.append(visitor)
            await asyncio.sleep(0)

    await asyncio.gather(*(ask("mallory", "1") for _ in range(5)), ask("eve", "1"), ask("bob", "2"))
    assert sorted(order) == ["bob", "eve", *["mallory"] * 5]
    assert order.index("bob") == 1
    assert order.index("eve") <= 3


async def test_only_the_first_item_is_used_inside_the_gate():
    """The next source is opened once the first item of another was used, and not when it was merely loaded."""
    gate, opened = asyncio.Semaphore(1), []

    async def source(name: str) -> AsyncGenerator[int]:
        opened.append(name)
        yield 1
        yield 2

    first, second = through(gate, source("first")), through(gate, source("second"))
    assert await anext(first) == 1
    waiting = asyncio.ensure_future(anext(second))
    await asyncio.sleep(0)
    assert opened == ["first"]
    assert await anext(first) == 2
    assert await waiting == 1
    assert [item async for item in second] == [2]
    assert [item async for item in first] == []


async def test_an_abandoned_source_is_closed_and_leaves_the_gate():
    """Closing in the middle of the first item closes the source and opens the gate."""
    gate, closed = asyncio.Semaphore(1), []

    async def source() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            closed.append(True)

    items = through(gate, source())
    await anext(items)
    assert gate.locked()
    await items.aclose()
    assert closed
    assert not gate.locked()
