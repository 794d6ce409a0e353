"""The slot of a command on a cluster, and the nodes' replies about slots."""

from __future__ import annotations

import pytest
from redis.crc import key_slot

from motorhead.store.keys import SessionKeys, listing, mark
from motorhead.store.scripts import RELEASE
from redis_link.connection import Command
from redis_link.slots import NodeAddress, Redirection, SlotRange, redirection, runs_on_a_slot, slot_of, slot_ranges

ASKED = NodeAddress("10.0.0.1", 7000)
IDS = [b"a", b"", b"{a}", b"}{", "ü".encode(), b"\xff", b"a%b"]


@pytest.mark.parametrize(
    "key", [*(SessionKeys(name).state for name in IDS), b"{}x", b"{x", b"x}{y}", listing(mark("{n}"))]
)
def test_a_key_has_the_slot_that_redis_gives_it(key: bytes) -> None:
    """The slot is computed from the hash tag, as specified, wherever the key is in the command."""
    assert slot_of(("GET", key)) == key_slot(key)
    assert slot_of(RELEASE.call([key, b"other"], ["x"])) == key_slot(key)


def test_all_keys_of_a_session_are_on_one_slot() -> None:
    """So one script may use them all."""
    for name in filter(None, IDS):  # every session has a name
        assert len({slot_of(("GET", key)) for key in SessionKeys(name).all}) == 1


def test_a_command_without_a_key_has_no_slot() -> None:
    """Any node can execute it."""
    assert slot_of(("PING",)) is None


def test_a_redirection_is_distinguished_from_other_errors() -> None:
    """MOVED is permanent, ASK is for one command; a missing host means the node that answered."""
    assert redirection("MOVED 3999 ::1:6381", ASKED) == Redirection(3999, NodeAddress("::1", 6381), False)
    assert redirection("ASK 7 :6381", ASKED) == Redirection(7, NodeAddress("10.0.0.1", 6381), True)
    assert redirection("ERR MOVED 3999", ASKED) is None


def test_slot_ranges_are_the_primaries() -> None:
    """The first node of each range is its primary; an unknown host means the node that answered."""
    reply = [[0, 9, [b"h", 1, b"id", []], [b"replica", 2, b"id"]], [10, 20, [b"", 3, b"id"]], [21, 21, [None, 4]]]
    assert list(slot_ranges(reply, ASKED)) == [
        SlotRange(0, 9, NodeAddress("h", 1)),
        SlotRange(10, 20, NodeAddress("10.0.0.1", 3)),
        SlotRange(21, 21, NodeAddress("10.0.0.1", 4)),
    ]


def test_commands_in_a_row_on_one_slot_go_together() -> None:
    """Order is kept, and no command is sent before the ones ahead of it."""
    commands: list[Command] = [("GET", "a"), ("GET", "{a}b"), ("GET", "c"), ("GET", "a"), ("PING",)]
    runs = [run for _, run in runs_on_a_slot(commands)]
    assert runs == [commands[:2], commands[2:3], commands[3:4], commands[4:]]
