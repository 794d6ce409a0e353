"""Limits on turns a minute, of one visitor and of all visitors, over a real Valkey."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from chat.components import components
from chat.domain.exceptions import TooManyTurns, TooManyTurnsInAll, TooManyTurnsOfAddress, TooManyTurnsOfToken
from chat.runs.limits import ALL, MINUTE, TokenLimits, TurnLimiter
from chat.runs.store import Store


async def test_a_new_cookie_brings_no_more_turns_in_all(store: Store) -> None:
    """The limit for all visitors holds on every worker, even if each turn comes from a new visitor."""
    workers = [TurnLimiter(store, 30, in_all=2), TurnLimiter(store, 30, in_all=2)]
    for number, limiter in enumerate(workers):
        await limiter.take(f"visitor {number}")
    with pytest.raises(TooManyTurnsInAll, match="This site's 2 turns a minute for all visitors") as refused:
        await workers[0].take("another visitor")
    assert 0 < refused.value.retry_after <= MINUTE
    assert refused.value.code == TooManyTurns.code


async def test_a_new_cookie_brings_no_more_turns_from_an_address(store: Store) -> None:
    """The limit of an address holds whatever its visitors are called; other addresses have their own."""
    limiter = TurnLimiter(store, 30, per_address=2)
    for number in range(2):
        await limiter.take(f"visitor {number}", "93.184.216.34")
    with pytest.raises(TooManyTurnsOfAddress, match="Your network has used its 2 turns") as refused:
        await limiter.take("another visitor", "93.184.216.34")
    assert refused.value.code == TooManyTurns.code
    await limiter.take("another visitor", "93.184.216.35")
    await limiter.take("another visitor", None)


async def test_a_visitor_beyond_the_own_limit_uses_up_no_other(store: Store) -> None:
    """Refused turns count neither for the address nor for all, and a turn that is given back counts for none."""
    limiter = TurnLimiter(store, 1, in_all=2, per_address=2)
    await limiter.take("a", "93.184.216.34")
    for _ in range(3):
        with pytest.raises(TooManyTurns, match="You have used"):
            await limiter.take("a", "93.184.216.34")
    await limiter.take("b", "93.184.216.34")
    await limiter.give_back("b", "93.184.216.34")
    await limiter.take("c", "93.184.216.34")


async def test_a_refusal_for_all_does_not_use_up_the_visitors_turns(store: Store) -> None:
    """A turn refused for all visitors does not count, neither for its visitor nor for all."""
    limiter = TurnLimiter(store, 1, in_all=1)
    await limiter.take("a")
    for _ in range(3):
        with pytest.raises(TooManyTurnsInAll):
            await limiter.take("b")
    await limiter.give_back("a")
    await limiter.take("b")
    with pytest.raises(TooManyTurns, match="You have used your 1 turns"):
        await limiter.take("b")


async def test_a_visitors_limit_alone_counts_nobody_else(store: Store, client: Redis) -> None:
    """Without a limit for all visitors, nothing is counted for it."""
    limiter = TurnLimiter(store, 1)
    for number in range(5):
        await limiter.take(f"visitor {number}")
    assert not await client.exists(ALL)


async def test_the_turns_of_all_are_forgotten_with_their_minute(store: Store, client: Redis) -> None:
    """The count for all visitors expires after a minute, even if a turn was given back."""
    limiter = TurnLimiter(store, 0, in_all=1)
    await limiter.give_back("a")
    assert 0 < await client.ttl(ALL) <= MINUTE


async def test_a_token_has_turns_of_its_own(store: Store) -> None:
    """On every worker, for all of its owners together, besides theirs. Refused ones count for nobody."""
    workers, token = [TurnLimiter(store, 2), TurnLimiter(store, 2)], TokenLimits("f00d", turns=2)
    for number, limiter in enumerate(workers):
        await limiter.take(f"acme_{number}", token=token)
    for _ in range(3):
        with pytest.raises(TooManyTurnsOfToken, match="This token has used its 2 turns") as refused:
            await workers[0].take("acme_0", token=token)
    assert (refused.value.code, 0 < refused.value.retry_after <= MINUTE) == (TooManyTurns.code, True)
    await workers[1].take("acme_0", token=TokenLimits("beef", turns=2))
    await workers[1].give_back("acme_1", token=token)
    await workers[1].take("acme_1", token=token)
    with pytest.raises(TooManyTurns, match="You have used your 2 turns"):
        await workers[1].take("acme_0", token=TokenLimits("cafe", calls=1))


def test_the_settings_say_how_many(settings: Any) -> None:
    """All limits come from the site's settings."""
    settings.CHAT_TURNS_PER_MINUTE, settings.CHAT_TURNS_PER_MINUTE_IN_ALL = 7, 70
    settings.CHAT_TURNS_PER_MINUTE_PER_ADDRESS = 14
    limiter = components.__wrapped__().runs._limiter
    assert (limiter.limit, limiter.in_all, limiter.per_address) == (7, 70, 14)
