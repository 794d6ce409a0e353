"""A Redis Cluster of three nodes on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from redis_link.slots import SLOTS
from tests.support.servers import PATIENCE, free_port, start_valkey


class Node:
    """A node of the cluster that can be killed, and restarted with its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        # Without an explicit port, the cluster bus would listen on the node's port plus 10,000.
        self.options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        self.start()

    def start(self) -> None:
        self.server = start_valkey(self.folder, self.port, *self.options)


@contextmanager
def running_cluster(folders: Sequence[Path]) -> Iterator[list[Node]]:
    """Three primaries that share the slots, with their data in these folders."""
    with ExitStack() as stack:
        found = []
        for folder in folders:
            found.append(Node(folder))
            stack.callback(lambda node: node.server.stop(), found[-1])
        join([stack.enter_context(redis.Redis.from_url(node.server.url)) for node in found])
        yield found


def join(nodes: list[redis.Redis]) -> None:
    """Join the nodes into one cluster, each with a third of the slots."""
    for number, node in enumerate(nodes):
        first, last = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    first_port = nodes[0].connection_pool.connection_kwargs["port"]
    bus = str(nodes[0].config_get("cluster-port")["cluster-port"])
    for node in nodes[1:]:
        node.execute_command("CLUSTER", "MEET", "127.0.0.1", first_port, bus)
    deadline = time.monotonic() + 20 * PATIENCE
    while not all(ready(node) for node in nodes):
        assert time.monotonic() < deadline, "the cluster did not form"
        time.sleep(0.05)


def ready(node: redis.Redis) -> bool:
    state = bytes(node.execute_command("CLUSTER", "INFO"))
    return b"cluster_state:ok" in state and b"cluster_known_nodes:3" in state
