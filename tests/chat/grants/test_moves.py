"""Moves that have begun, over a real Valkey."""

from __future__ import annotations

from chat.grants.moves import Moves
from chat.runs.store import Store


async def test_a_move_is_known_everywhere_until_it_ends(store: Store) -> None:
    """Of each account its own, and each once."""
    here, there = Moves(store), Moves(store)
    for owner, to in (("b", "bob"), ("a", "bob"), ("a", "bob"), ("c", "eve")):
        await here.begin(owner, to)
    assert await there.under_way("bob") == ["a", "b"]
    await there.end("a", "bob")
    assert (await here.under_way("bob"), await here.under_way("eve")) == (["b"], ["c"])
    assert await here.under_way("nobody") == []
