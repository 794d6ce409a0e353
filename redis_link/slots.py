"""Which node of a Redis Cluster has a key: the slot of a command, and what nodes say about slots. Pure."""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from redis_link.connection import Command, Reply
from redis_link.scripts import Argument

SLOTS = 16_384
#: Commands that name no key, of those that this server uses.
KEYLESS = {"PING", "INFO", "BGREWRITEAOF"}
SCRIPTED = {"EVAL", "EVALSHA"}


class Place(NamedTuple):
    """Where a node listens."""

    host: str
    port: int


class Redirection(NamedTuple):
    """A node's word that a command belongs elsewhere: for good, or (``once``) this once, while its slot moves."""

    slot: int
    place: Place
    once: bool


class Owned(NamedTuple):
    """The slots ``first`` to ``last`` and the primary that has them."""

    first: int
    last: int
    place: Place


def slot_of(command: Command) -> int | None:
    """The slot of the key of ``command``, of the first if it has several; None if it names no key."""
    if command[0] in KEYLESS:
        return None
    key = _bytes(command[3 if command[0] in SCRIPTED else 1])
    start = key.find(b"{")
    end = key.find(b"}", start + 1) if start >= 0 else -1
    return crc_hqx(key[start + 1 : end] if end > start + 1 else key, 0) % SLOTS


def redirection(error: str, asked: Place) -> Redirection | None:
    """Where an error that the node at ``asked`` answered sends the command; None if it is no redirection."""
    kind, _, rest = error.partition(" ")
    if kind not in {"MOVED", "ASK"}:
        return None
    slot, _, address = rest.partition(" ")
    host, _, port = address.rpartition(":")
    return Redirection(int(slot), Place(host if host not in {"", "?"} else asked.host, int(port)), kind == "ASK")


def owners(reply: Reply, asked: Place) -> Iterator[Owned]:
    """What the node at ``asked`` answered to CLUSTER SLOTS."""
    for first, last, (host, port, *_), *_ in reply:
        known = host.decode() if host not in {None, b"", b"?"} else asked.host
        yield Owned(first, last, Place(known, port))


def in_runs(commands: Sequence[Command]) -> Iterator[tuple[int | None, list[Command]]]:
    """``commands`` in their order, those that follow each other on one slot together."""
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


def _bytes(key: Argument) -> bytes:
    return key if isinstance(key, bytes) else str(key).encode()
