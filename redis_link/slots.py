"""Slots of a Redis Cluster: the slot of a command, and the nodes' replies about slots. Pure."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redis_link.connection import Command, Reply
from redis_link.scripts import Argument

SLOTS = 16_384
#: Commands without a key, among those used here.
KEYLESS = {"PING", "INFO", "BGREWRITEAOF"}
SCRIPTED = {"EVAL", "EVALSHA"}


class NodeAddress(NamedTuple):
    """The host and port of a node."""

    host: str
    port: int


class Redirection(NamedTuple):
    """A node's reply that a command belongs elsewhere: permanently, or (``once``) while its slot moves."""

    slot: int
    place: NodeAddress
    once: bool


class SlotRange(NamedTuple):
    """The slots ``first`` to ``last`` and the primary that owns them."""

    first: int
    last: int
    place: NodeAddress


def slot_of(command: Command) -> int | None:
    """The slot of the first key of ``command``; None if it has no key."""
    if command[0] in KEYLESS:
        return None
    return slot_of_key(command[3 if command[0] in SCRIPTED else 1])


def slot_of_key(name: Argument) -> int:
    """The slot of a key, or of a channel of sharded pub/sub."""
    key = as_bytes(name)
    start = key.find(b"{")
    end = key.find(b"}", start + 1) if start >= 0 else -1
    return crc_hqx(key[start + 1 : end] if end > start + 1 else key, 0) % SLOTS


def redirection(error: str, asked: NodeAddress) -> Redirection | None:
    """The redirection in an ``error`` from the node at ``asked``; None if the error is not a redirection."""
    kind, _, rest = error.partition(" ")
    if kind not in {"MOVED", "ASK"}:
        return None
    slot, _, address = rest.partition(" ")
    host, _, port = address.rpartition(":")
    return Redirection(int(slot), NodeAddress(host if host not in {"", "?"} else asked.host, int(port)), kind == "ASK")


def slot_ranges(reply: Reply, asked: NodeAddress) -> Iterator[SlotRange]:
    """The slot ranges in a reply to CLUSTER SLOTS from the node at ``asked``."""
    for first, last, (host, port, *_), *_ in reply:
        known = host.decode() if host not in {None, b"", b"?"} else asked.host
        yield SlotRange(first, last, NodeAddress(known, port))


def runs_on_a_slot(commands: Sequence[Command]) -> Iterator[tuple[int | None, list[Command]]]:
    """``commands`` in order, grouped into runs on the same slot."""
    run: list[Command] = []
    slot: int | None = None
    for command in commands:
        its = slot_of(command)
        if run and its != slot:
            yield slot, run
            run = []
        run.append(command)
        slot = its
    if run:
        yield slot, run


def as_bytes(key: Argument) -> bytes:
    """``key`` as it is sent."""
    return key if isinstance(key, bytes) else str(key).encode()
