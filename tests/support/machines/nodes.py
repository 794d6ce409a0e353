"""A Redis Cluster whose nodes are killed and restarted: its health, its fail-overs, and slots that move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.support.cluster import Node, begin_move, end_move, running_cluster

#: Three primaries, each with a replica.
NODES = 6


class Nodes:
    """The nodes of a cluster, by number."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    @property
    def url(self) -> str:
        """The address of all of them."""
        return "redis://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def is_whole(self) -> bool:
        """Whether every node is up and knows of no failure, and every replica follows its primary."""
        return all(map(_is_well, self.nodes))

    def primaries(self) -> list[int]:
        """The nodes that have slots."""
        return [number for number, node in enumerate(self.nodes) if _role(node) == "master"]

    def replaced(self, number: int) -> bool:
        """Whether the other nodes have made up for this primary, which is down."""
        others = [node for other, node in enumerate(self.nodes) if other != number]
        return len([node for node in others if _role(node) == "master"]) == NODES // 2 and all(
            "cluster_state:ok" in _ask(node, "CLUSTER", "INFO") for node in others
        )

    def move_slots(self, count: int, most_keys: int = 50) -> int:
        """Move about ``count`` slots from one primary to another, those with keys first. Returns how many have keys."""
        source, target, *_ = self.primaries()
        with _client(self.nodes[source]) as here, _client(self.nodes[target]) as there:
            own = _slots_of(here)
            filled = [slot for slot in own if here.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot)]
            chosen = [*filled[:most_keys], *[slot for slot in own if slot not in filled]][:count]
            for slot in chosen:
                begin_move(slot, here, there)
                end_move(slot, here, there)
        return len(filled[:most_keys])

    def keys(self) -> list[bytes]:
        """All keys of all primaries."""
        found: list[bytes] = []
        for number in self.primaries():
            with _client(self.nodes[number]) as client:
                found += client.scan_iter(count=1000)
        return found


@contextmanager
def running_nodes(folder: Path, timeout: float) -> Iterator[Nodes]:
    """A cluster of three primaries with a replica each. ``timeout``: seconds after which a silent node has failed."""
    folders = [folder / f"node-{number}" for number in range(NODES)]
    for each in folders:
        each.mkdir()
    with running_cluster(folders, "--cluster-node-timeout", str(int(timeout * 1000))) as nodes:
        yield Nodes(nodes)


def _client(node: Node) -> redis.Redis:
    return redis.Redis.from_url(node.server.url, socket_timeout=20)


def _ask(node: Node, *command: str) -> str:
    """The answer of a node; empty while it is down."""
    try:
        with _client(node) as client:
            return bytes(client.execute_command(*command)).decode()
    except redis.RedisError:
        return ""


def _role(node: Node) -> str:
    found = _ask_info(node)
    return str(found.get("role", ""))


def _ask_info(node: Node) -> dict[str, object]:
    try:
        with _client(node) as client:
            return dict(client.info("replication"))
    except redis.RedisError:
        return {}


def _is_well(node: Node) -> bool:
    known = _ask(node, "CLUSTER", "NODES")
    flags = {flag for line in known.splitlines() for flag in line.split()[2].split(",")}
    if "cluster_state:ok" not in _ask(node, "CLUSTER", "INFO") or flags & {"fail", "fail?", "handshake"}:
        return False
    found = _ask_info(node)
    if found.get("role") == "master":
        return found.get("connected_slaves") == 1
    return found.get("master_link_status") == "up"


def _slots_of(client: redis.Redis) -> list[int]:
    """The slots of a primary."""
    own = bytes(client.execute_command("CLUSTER", "MYID")).decode()
    text = bytes(client.execute_command("CLUSTER", "NODES")).decode()
    (line,) = (line for line in text.splitlines() if line.startswith(own))
    slots: list[int] = []
    for part in line.split()[8:]:
        if not part.startswith("["):  # one that is moving
            first, _, last = part.partition("-")
            slots += range(int(first), int(last or first) + 1)
    return slots
