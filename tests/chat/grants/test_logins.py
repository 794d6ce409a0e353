"""Limits on attempts to sign in, over a real Valkey."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManyLogins
from chat.grants.logins import Attempt, LoginLimiter
from chat.runs.store import Store

HERE, THERE = "93.184.216.34", "93.184.216.35"


async def test_a_name_has_a_number_of_failures_in_all_workers(store: Store) -> None:
    """From any address; other names are not affected, and signing in begins the count again."""
    workers = [LoginLimiter(store, per_name=2, per_address=0) for _ in range(2)]
    for worker, network in zip(workers, (HERE, THERE), strict=True):
        await worker.begin(Attempt("root", network))
    with pytest.raises(TooManyLogins, match="Try again in 15 minutes"):
        await workers[0].begin(Attempt("root", None))
    await workers[0].begin(Attempt("other", HERE))
    await workers[0].succeed(Attempt("root", HERE))
    await workers[1].begin(Attempt("root", HERE))


async def test_an_address_has_a_number_of_failures_for_all_names(store: Store) -> None:
    """Trying many names gains nothing, nor does signing in to an account of one's own."""
    limiter = LoginLimiter(store, per_name=0, per_address=3)
    await limiter.begin(Attempt("mine", HERE))
    await limiter.succeed(Attempt("mine", HERE))
    for number in range(3):
        await limiter.begin(Attempt(f"name {number}", HERE))
    with pytest.raises(TooManyLogins):
        await limiter.begin(Attempt("another", HERE))
    await limiter.begin(Attempt("another", THERE))


async def test_an_address_beyond_its_limit_locks_nobody_out(store: Store) -> None:
    """Attempts that are refused for the address do not count for their names."""
    limiter = LoginLimiter(store, per_name=1, per_address=1)
    await limiter.begin(Attempt("mine", HERE))
    for _ in range(3):
        with pytest.raises(TooManyLogins):
            await limiter.begin(Attempt("root", HERE))
    await limiter.begin(Attempt("root", THERE))


async def test_an_unknown_address_has_no_limit(store: Store) -> None:
    """It may be a proxy's; the name still has its own."""
    limiter = LoginLimiter(store, per_name=5, per_address=1)
    for number in range(3):
        await limiter.begin(Attempt(f"name {number}", None))
