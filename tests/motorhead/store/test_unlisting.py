"""Taking sessions off listings: each reason has its own exceptions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from motorhead.store.keys import NAMESPACES, mark
from motorhead.store.listing import GHOST_AGE, Listing, now_ms
from motorhead.store.redis_errors import WRONG_KIND
from motorhead.store.store import Store
from motorhead.store.unlisting import DELETED, TO_BE_DELETED, Reason, idle, never_written
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.support.kit import numbered

ID = b"s"
TEAM = mark("team")
LISTED = "mh:sessions:team"
#: The time (ms) with which a session's last activity is compared.
THEN = 1_000_000

#: The ways to unlist, with ``THEN`` wherever a time is needed.
WAYS: dict[str, Callable[[Listing], Awaitable[object]]] = {
    "strike": lambda listing: listing.strike(ID, [TEAM]),
    "remove": lambda listing: listing.remove(ID, [TEAM]),
    "remove idle": lambda listing: listing.remove(ID, [TEAM], THEN),
    "take back": lambda listing: listing.take_back(ID, TEAM, THEN),
    "page": lambda listing: listing.page(TEAM, 1, 10, False),
    "affirm": lambda listing: listing.affirm(ID, TEAM),
}


@pytest.mark.parametrize(
    ("way", "active", "written", "stays"),
    [
        ("strike", THEN, True, False),
        ("strike", THEN, False, False),
        ("remove", THEN, True, True),
        ("remove", THEN, False, False),
        ("remove idle", THEN - 1, True, True),
        ("remove idle", THEN - 1, False, False),
        ("remove idle", THEN, False, True),
        ("take back", THEN, True, True),
        ("take back", THEN, False, False),
        ("take back", THEN + 1, False, True),
        ("page", THEN, True, True),
        ("page", THEN, False, False),
        ("page", None, False, True),
        ("affirm", THEN, True, True),
        ("affirm", THEN, False, False),
        ("affirm", 10**15, False, True),
    ],
)
async def test_each_way_to_unlist_has_its_exceptions(
    store: Store, link: RedisLink, way: str, active: int | None, written: bool, stays: bool
) -> None:
    """A session stays if it was active late enough or was written to; a namespace's name is removed with the last."""
    listing = Listing(link)
    if written:
        await store.append(ID, numbered(0, 1), None, TEAM, ())
    young = now_ms() - GHOST_AGE // 2
    await link.pipeline(("ZADD", LISTED, active or young, ID), ("SADD", NAMESPACES, "team"))
    await WAYS[way](listing)
    assert await link.execute("ZRANGE", LISTED, 0, -1) == [ID] * stays
    assert await link.execute("SMEMBERS", NAMESPACES) == [b"team"] * stays


@pytest.mark.parametrize(
    ("reason", "active_since", "spares_written"),
    [
        (TO_BE_DELETED, None, False),
        (DELETED, None, True),
        (never_written(THEN), THEN + 1, True),
        (idle(THEN), THEN, True),
    ],
)
def test_a_reason_says_what_keeps_a_session_listed(
    reason: Reason, active_since: int | None, spares_written: bool
) -> None:
    """Only a planned deletion spares no session; an append's own listing does not count as activity."""
    assert (reason.active_since, reason.spares_written) == (active_since, spares_written)


@pytest.mark.parametrize(
    ("reason", "refusal", "tolerated"),
    [
        (TO_BE_DELETED, WRONG_KIND, True),
        (TO_BE_DELETED, "READONLY", False),
        (DELETED, WRONG_KIND, True),
        (DELETED, "READONLY", True),
    ],
)
def test_a_refusal_is_in_the_way_of_a_deletion_to_come_alone(reason: Reason, refusal: str, tolerated: bool) -> None:
    """Only an error after which a repeated deletion could not find the session stops a planned deletion."""
    assert reason.tolerates(StoreRefused(refusal)) is tolerated
