"""A Redis Cluster of three primaries on this machine, with replicas if wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from redis_link.slots import SLOTS
from tests.support.servers import PATIENCE, Server, free_port, start_valkey

PRIMARIES = 3


class Node:
    """A node of the cluster that can be killed, and restarted with its data."""

    def __init__(self, folder: Path, *options: str, start: Callable[..., Server] = start_valkey) -> None:
        self.folder = folder
        self._start = start
        self.port = free_port()
        # Without an explicit port, the cluster bus would listen on the node's port plus 10,000.
        self.options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()), *options)
        self.start()

    def start(self) -> None:
        self.server = self._start(self.folder, self.port, *self.options)


@contextmanager
def running_cluster(
    folders: Sequence[Path], *options: str, start: Callable[..., Server] = start_valkey
) -> Iterator[list[Node]]:
    """Three primaries that share the slots, with their data in these folders, then a replica in each further folder.

    ``options`` are Valkey's; ``start`` starts a node, by its folder, port and options.
    """
    with ExitStack() as stack:
        found = []
        for folder in folders:
            found.append(Node(folder, *options, start=start))
            stack.callback(lambda node: node.server.stop(), found[-1])
        join([stack.enter_context(redis.Redis.from_url(node.server.url)) for node in found])
        yield found


def join(nodes: list[redis.Redis]) -> None:
    """Join the nodes into one cluster: three primaries, each with a third of the slots, and their replicas."""
    for number, node in enumerate(nodes):
        if number < PRIMARIES:
            first, last = SLOTS * number // PRIMARIES, SLOTS * (number + 1) // PRIMARIES - 1
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    bus = str(nodes[0].config_get("cluster-port")["cluster-port"])
    for node in nodes[1:]:
        node.execute_command("CLUSTER", "MEET", "127.0.0.1", _port(nodes[0]), bus)
    _wait(lambda: all(_state(node, "cluster_known_nodes", len(nodes)) for node in nodes), "the nodes did not meet")
    for number, node in enumerate(nodes[PRIMARIES:]):
        node.execute_command("CLUSTER", "REPLICATE", nodes[number].execute_command("CLUSTER", "MYID"))
    _wait(lambda: all(_state(node, "cluster_state", "ok") for node in nodes), "the cluster did not form")
    _wait(lambda: all(map(follows, nodes[PRIMARIES:])), "the replicas did not connect")


def begin_move(slot: int | None, source: redis.Redis, target: redis.Redis) -> None:
    """Begin to move ``slot``: the source asks for its new keys at the target."""
    target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", source.execute_command("CLUSTER", "MYID"))
    source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", target.execute_command("CLUSTER", "MYID"))


def end_move(slot: int | None, source: redis.Redis, target: redis.Redis) -> None:
    """Move the slot's keys, and make it the target's."""
    owner_now = target.execute_command("CLUSTER", "MYID")
    if keys := source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 10_000):
        source.execute_command("MIGRATE", "127.0.0.1", _port(target), "", 0, 5000, "KEYS", *keys)
    for node in (target, source):
        node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", owner_now)


def _port(node: redis.Redis) -> int:
    return int(node.connection_pool.connection_kwargs["port"])


def _state(node: redis.Redis, name: str, value: object) -> bool:
    return f"{name}:{value}".encode() in bytes(node.execute_command("CLUSTER", "INFO"))


def follows(replica: redis.Redis) -> bool:
    """Whether the replica has what its primary has, so that it may take its place."""
    return bool(replica.info("replication")["master_link_status"] == "up")


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20 * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
