"""The link to a Redis Cluster: redis-py's own client, behind the same seam as the shared connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motorhead.exceptions import StoreRefused, StoreUnavailable
from motorhead.redis_address import Address
from motorhead.redis_connection import Argument, Command, Reply
from motorhead.redis_link import Link, RedisLink, with_source
from motorhead.scripts import Script

if TYPE_CHECKING:
    from redis.asyncio.cluster import RedisCluster


class ClusterLink:
    """A cluster's client. The commands of a pipeline are done in order, each on the slot of its key."""

    def __init__(self, address: Address, *, timeout: float = 5.0) -> None:
        self.address = address
        self._timeout = timeout
        self._cluster: RedisCluster | None = None

    async def open(self) -> None:
        """See Link."""
        from redis.asyncio.cluster import RedisCluster
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        address = self.address
        # A command whose answer was lost may have been done: it is never sent again. Redirections are followed.
        self._cluster = RedisCluster(
            host=address.host, port=address.port, username=address.username, password=address.password,
            ssl=address.tls, socket_timeout=self._timeout, socket_connect_timeout=self._timeout, protocol=2,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
        _leave_replies_alone(self._cluster)
        with _translated():
            await self._cluster.initialize()

    async def close(self) -> None:
        """See Link."""
        if self._cluster is not None:
            await self._cluster.aclose()

    async def execute(self, *command: Argument) -> Reply:
        """See Link."""
        from redis.exceptions import NoScriptError

        if self._cluster is None:
            raise StoreUnavailable("The link to the Redis cluster is not open.")
        with _translated():
            try:
                return await self._cluster.execute_command(*command)
            except NoScriptError:
                return await self._cluster.execute_command(*with_source(command))

    async def pipeline(self, *commands: Command) -> list[Reply]:
        """See Link."""
        return [await self.execute(*command) for command in commands]

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """See Link."""
        return await self.execute(*script.call(keys, arguments))

    async def scan(self, pattern: str) -> AsyncIterator[bytes]:
        """See Link."""
        if self._cluster is None:
            raise StoreUnavailable("The link to the Redis cluster is not open.")
        with _translated():
            for node in self._cluster.get_primaries():
                cursor: Argument = 0
                while True:
                    reply = await node.execute_command("SCAN", cursor, "MATCH", pattern, "COUNT", 500)
                    cursor, keys = reply
                    for key in keys:
                        yield key
                    if cursor == b"0":
                        break


async def fitting_link(link: RedisLink) -> Link:
    """``link``, which is open, or, if it leads to a node of a cluster, an open link to that cluster in its place."""
    if b"cluster_enabled:1" not in await link.execute("INFO", "cluster"):
        return link
    await link.close()
    cluster = ClusterLink(link.address, timeout=link.answer_within)
    await cluster.open()
    return cluster


def _leave_replies_alone(cluster: RedisCluster) -> None:
    """Make every node, also one found later, answer as Redis does; redis-py shapes replies command by command.

    What it asks for itself stays shaped: it learns the cluster anew after every error.
    """
    callbacks = cluster.response_callbacks  # one dictionary, which all nodes share
    for command in [name for name in callbacks if not name.startswith(("CLUSTER", "COMMAND"))]:
        del callbacks[command]


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of redis-py, raised as ours."""
    from redis.exceptions import ClusterError, RedisClusterException, RedisError, ResponseError

    try:
        yield
    except ClusterError as error:
        raise StoreUnavailable("The Redis cluster is not complete.") from error
    except ResponseError as error:
        raise StoreRefused(str(error)) from error
    # A slot or a node that redis-py does not know, while the cluster changes, is a plain KeyError and the like.
    except (RedisError, RedisClusterException, OSError, LookupError, AttributeError) as error:
        raise StoreUnavailable("The Redis cluster cannot be reached or does not answer.") from error
