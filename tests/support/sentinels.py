"""A primary, its replicas, and sentinels that replace it by one of them, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.support.servers import PATIENCE, Server, free_port, start_valkey, valkey_command, wait_for_valkey
from tests.support.waiting import until

SERVICE = "mymaster"
#: Seconds without an answer after which a sentinel takes a server for dead.
DEAD_AFTER = 0.5 * PATIENCE

#: Copy everything to a new replica at once.
AT_ONCE = ("--repl-diskless-sync-delay", "0")


@dataclass
class Watched:
    """The servers of the service, and their sentinels."""

    servers: list[Server]
    sentinels: list[Server]
    options: tuple[str, ...]

    @property
    def url(self) -> str:
        """The address that a site is given."""
        hosts = ",".join(each.url.removeprefix("redis://") for each in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    @property
    def primary(self) -> Server:
        """The primary, by the last of the sentinels."""
        with redis.Redis.from_url(self.sentinels[-1].url) as sentinel:
            _, port = sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(server for server in self.servers if server.url.endswith(f":{int(port)}"))

    def start_again(self, server: Server) -> None:
        """Start a server that has ended, as a replica of the present primary, with its data."""
        of = ("--replicaof", f"127.0.0.1 {port_of(self.primary)}")
        place = self.servers.index(server)
        self.servers[place] = start_valkey(server.log.parent, port_of(server), *AT_ONCE, *self.options, *of)

    def fail_over(self) -> None:
        """Make a replica the primary, once it has everything that the primary has."""
        with redis.Redis.from_url(self.sentinels[0].url) as sentinel:
            sentinel.execute_command("SENTINEL", "FAILOVER", SERVICE, "COORDINATED")


@contextmanager
def watched_servers(folder: Path, *options: str, replicas: int = 1, sentinels: int = 3) -> Iterator[Watched]:
    """A primary with its ``replicas``, once all ``sentinels`` know each other and the replicas.

    ``options`` are those of the servers.
    """
    found = Watched([], [], options)
    try:
        for number in range(1 + replicas):
            of = ("--replicaof", f"127.0.0.1 {port_of(found.servers[0])}") if number else ()
            found.servers.append(start_valkey(_made(folder / f"server-{number}"), None, *AT_ONCE, *options, *of))
        until(lambda: all(map(_follows, found.servers[1:])), 20)
        for number in range(sentinels):
            primary, quorum = port_of(found.servers[0]), sentinels // 2 + 1
            found.sentinels.append(start_sentinel(_made(folder / f"sentinel-{number}"), primary, quorum))
        until(lambda: all(_knows(each, replicas, sentinels - 1) for each in found.sentinels), 30)
        yield found
    finally:
        for server in found.sentinels + found.servers:
            server.stop()


def start_sentinel(folder: Path, primary: int, quorum: int = 1, *lines: str) -> Server:
    """A sentinel of the primary on port ``primary``, with further ``lines`` in its configuration."""
    configuration = folder / "sentinel.conf"
    dead_after = int(DEAD_AFTER * 1000)
    configuration.write_text(
        "\n".join(
            (
                f"sentinel monitor {SERVICE} 127.0.0.1 {primary} {quorum}",
                f"sentinel down-after-milliseconds {SERVICE} {dead_after}",
                f"sentinel failover-timeout {SERVICE} {dead_after * 4}",
                *lines,
            )
        )
    )
    port = free_port()
    program, *_ = valkey_command(folder, port)
    command = [program, str(configuration), "--sentinel", "--port", str(port), "--bind", "127.0.0.1"]
    return wait_for_valkey([*command, "--dir", str(folder)], port, folder / "sentinel.log")


def port_of(server: Server) -> int:
    """The port on which ``server`` listens."""
    return int(server.url.rpartition(":")[2])


def _knows(sentinel: Server, replicas: int, others: int) -> bool:
    with redis.Redis.from_url(sentinel.url, decode_responses=True) as asked:
        flat = asked.execute_command("SENTINEL", "MASTER", SERVICE)
    known = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
    return (int(known["num-slaves"]), int(known["num-other-sentinels"])) == (replicas, others)


def _follows(replica: Server) -> bool:
    with redis.Redis.from_url(replica.url) as asked:
        return bool(asked.info("replication")["master_link_status"] == "up")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
