"""Keys in Redis: every session has its own keys, in one slot of a cluster."""

from __future__ import annotations

import pytest

from motorhead.store.keys import LONGEST_NAME, UNNAMED, SessionKeys, is_name, listing, mark, session_of
from redis_link.slots import slot_of

NAMES = [b"a", b"{a}", b"}{", b"%7B", b"a}b", b"{", "ünïcödé".encode(), b" ", b"a:b"]


@pytest.mark.parametrize("name", NAMES)
def test_all_keys_of_a_session_lie_on_one_slot_and_lead_back_to_it(name: bytes) -> None:
    """Redis hashes exactly the whole id, whatever braces it contains."""
    keys = SessionKeys(name)
    assert {session_of(key) for key in keys.all} == {name}
    assert len({slot_of(("TYPE", key)) for key in keys.all}) == 1
    assert len(set(keys.all)) == len(keys.all)


def test_no_two_sessions_share_a_key() -> None:
    """Different ids stay different when they are escaped."""
    every = [key for name in NAMES for key in SessionKeys(name).all]
    assert len(set(every)) == len(every)


def test_deletion_knows_every_key() -> None:
    """A deletion removes every key of a session except the one that exists only during a script."""
    keys = SessionKeys(b"s")
    names = [name for name, value in vars(SessionKeys).items() if isinstance(value, property) and name != "all"]
    found = [getattr(keys, name) for name in names]
    assert {key for one in found for key in (one if isinstance(one, list) else [one])} == {*keys.all, keys.room}


def test_a_namespace_without_a_name_is_not_the_unnamed_one() -> None:
    """No namespace and the namespace "" have different marks and listings."""
    assert mark(None) == UNNAMED != mark("")
    assert [listing(one) for one in (UNNAMED, mark(""), mark("team"))] == [
        b"mh:sessions", b"mh:sessions:", b"mh:sessions:team",
    ]  # fmt: skip


def test_other_keys_are_of_no_session() -> None:
    """Listings and foreign keys yield no session."""
    assert [session_of(key) for key in (b"mh:sessions", b"mh:namespaces", b"mh:{a", b"other:{a}:state")] == [None] * 4


@pytest.mark.parametrize(
    ("name", "fits"),
    [(b"a", True), (b"x" * LONGEST_NAME, True), (b"", False), (b"x" * (LONGEST_NAME + 1), False), (b"\xff", False)],
)
def test_a_name_can_be_written_in_a_path(name: bytes, fits: bool) -> None:
    """An id must be UTF-8, not empty and not too long."""
    assert is_name(name) is fits
