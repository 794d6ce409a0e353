"""The names of the Redis keys of runs."""

from __future__ import annotations

import pytest

from chat.runs import keys

#: Every key of one session.
KEYS = [
    keys.run_key,
    keys.ended_key,
    keys.endings_key,
    lambda name: keys.done_key(name, "t1"),
    lambda name: keys.stop_key(name, "t1"),
    lambda name: keys.log_key(name, "t1", 1),
    lambda name: keys.prompt_key(name, "t1"),
    keys.bell_of,
    keys.log_bell_of,
]


@pytest.mark.parametrize("name", ["owner.s1", "a}b{c", "{}", "", "Motörhead:ended"])
def test_all_keys_of_a_session_carry_its_hash_tag(name: str) -> None:
    """All keys of a session are in one Redis Cluster slot, whatever its id."""
    made = [key(name) for key in KEYS]
    tags = {each[each.index("{") + 1 : each.index("}")] for each in made}
    assert len(tags) == 1
    assert len(set(made)) == len(made)


def test_no_two_sessions_share_a_key() -> None:
    """Sessions never share a key, even if an id ends like a key's suffix."""
    names = ["s", "s:ended", "s}:ended", "s:stop:t1"]
    made = [key(name) for key in KEYS for name in names]
    assert len(set(made)) == len(made)


def test_what_is_stored_stays_where_workers_of_another_version_find_it() -> None:
    """Key names do not change, since old and new workers read each other's runs during an update."""
    assert keys.ACTIVE == "chat:runs:active"
    assert keys.run_key("owner.s1") == "chat:run:{owner.s1}"
    assert keys.log_key("owner.s1", "t1", 2) == "chat:run:{owner.s1}:log:t1:2"
