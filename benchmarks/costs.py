"""What each part of several machines has used: CPU, memory, commands and bytes of Redis, requests to the memory."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import redis

from benchmarks.loopback import cpu_seconds, pss
from tests.support.machines.sites import MEMORY_TOKEN, Sites
from tests.support.servers import Server

#: The parts, in the order of the columns.
PARTS = ("web", "memory", "redis", "proxy")
REQUESTS = re.compile(r"^motorhead_requests_total\{.*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU by part since its start, and counts since then."""

    cpu: Mapping[str, float]
    commands: int
    bytes_in: int
    bytes_out: int
    requests: int
    disk: int

    def since(self, before: Costs) -> Costs:
        """The difference."""
        return Costs(
            {part: self.cpu[part] - before.cpu[part] for part in PARTS},
            self.commands - before.commands,
            self.bytes_in - before.bytes_in,
            self.bytes_out - before.bytes_out,
            self.requests - before.requests,
            self.disk - before.disk,
        )


class Meter:
    """Reads the costs of the parts of ``sites`` and of their ``store``."""

    def __init__(self, sites: Sites, store: Server) -> None:
        self._sites, self._store = sites, store

    def costs(self) -> Costs:
        """All costs until now."""
        with redis.Redis.from_url(self._store.url) as client:
            stats, calls = client.info("stats"), client.info("commandstats")
            disk = client.info("persistence")["aof_current_size"]
        # A script's own commands are counted one by one, besides the EVALSHA: the server carries out all of them.
        return Costs(
            {part: sum(map(cpu_seconds, self._pids(part))) for part in PARTS},
            sum(call["calls"] for call in calls.values()),
            stats["total_net_input_bytes"],
            stats["total_net_output_bytes"],
            sum(self._requests()),
            disk,
        )

    def memory(self) -> dict[str, float]:
        """MiB of each part (PSS)."""
        return {part: sum(map(pss, self._pids(part))) for part in PARTS}

    def used_memory(self) -> int:
        """The bytes of Redis's data."""
        with redis.Redis.from_url(self._store.url) as client:
            return int(client.info("memory")["used_memory"])

    def _pids(self, part: str) -> Sequence[int]:
        match part:
            case "redis":
                return [self._store.process.pid]
            case "proxy":
                return [self._sites.parts["proxy"].pid, *self._sites.proxy_workers()]
            case _:
                return [each.pid for each in self._sites.of(f":{part}")]

    def _requests(self) -> Iterator[int]:
        """The requests that each memory server has counted."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for part in self._sites.of(":memory"):
            asked = urllib.request.Request(  # noqa: S310 - our own loopback server
                f"{part.server.url}/metrics", headers={"Authorization": f"Bearer {MEMORY_TOKEN}"}
            )
            with opener.open(asked, timeout=10) as answer:
                yield sum(int(float(count)) for count in REQUESTS.findall(answer.read().decode()))
