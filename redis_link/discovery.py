"""Where the Redis of an address is: at one of the places that it names, or where sentinels say that the primary is."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress

from redis_link.address import Address, checked_host
from redis_link.connection import Command, Connection, Reply, checked, dial
from redis_link.exceptions import ConnectionLost, RedisLinkError, StoreRefused, StoreUnavailable
from redis_link.reasons import reason

logger = logging.getLogger(__name__)

#: Seconds that each of several nodes has to answer, however many they are.
SHORTEST = 1.0
#: The first word of the refusal of a user who may not ask for a server's role.
NO_RIGHT = "NOPERM"


class Discovery:
    """Where the server of an ``address`` is at the moment, by its sentinels if it has any.

    They are asked in turn, beginning with the one that answered last, to which there is a connection. ``timeout``:
    seconds within which one of them has to answer. Of an address that names several nodes of a Cluster, each time the
    next one is found, and each has its share of that time.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._address = address
        places = address.sentinels.places if address.sentinels else ()
        self._sentinels = deque(places)
        self._answer_within = timeout / (len(places) + 1)  # the last share is that of the server itself
        self._connection: Connection | None = None
        self._odd: set[Address] = set()  # sentinels whose last reply was none
        self._nodes = deque(() if address.sentinels or address.path else address.nodes)
        #: Seconds within which the server has to be found and to answer.
        self.within = max(timeout / self.tries, min(timeout, SHORTEST))
        #: Where the server was last; None: no sentinel has said it yet.
        self.known = None if places else address

    @property
    def dynamic(self) -> bool:
        """Whether the server may be elsewhere later."""
        return bool(self._sentinels)

    async def find(self) -> Address:
        """Where the server is now. Raises `StoreUnavailable`: none of the sentinels knows it."""
        if len(self._nodes) > 1:
            self.known = self._nodes[0]
            self._nodes.rotate(-1)
            return self.known
        if not self._sentinels:
            return self._address
        why = "none answers."
        for _ in range(len(self._sentinels)):
            try:
                async with asyncio.timeout(self._answer_within):
                    self.known = await self._ask()
                return self.known
            except (OSError, TimeoutError, RedisLinkError) as error:
                why = "none answers." if isinstance(error, TimeoutError) else _why(error, self._sentinels[0])
                self.doubt()
        raise StoreUnavailable(f"no sentinel knows it: {why}")

    async def moved(self) -> bool:
        """Whether the server is no longer where it was, as far as any sentinel knows."""
        if not self.dynamic:
            return False
        before = self.known
        with suppress(StoreUnavailable):
            return await self.find() != before
        return False

    async def confirm(self, connection: Connection) -> None:
        """Raises `StoreUnavailable`: ``connection`` leads to a server that is no primary, whatever its sentinel says.

        The next sentinel is asked from then on.
        """
        if not self._sentinels:
            return
        (role,) = await connection.ask([("ROLE",)], 1)
        if isinstance(role, StoreRefused) and str(role).startswith(NO_RIGHT):
            return  # its first refusal to write will say the same
        if not isinstance(role, list) or role[:1] != [b"master"]:
            self.doubt()
            raise StoreUnavailable(f"{self.known} is not the primary, or not yet.")

    @property
    def tries(self) -> int:
        """How many tries it takes to reach each place that the address names."""
        return max(1, len(self._nodes))

    def doubt(self) -> None:
        """Ask the next sentinel from now on."""
        self.close()
        self._sentinels.rotate(-1)

    def close(self) -> None:
        """End the connection to a sentinel."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None

    async def _ask(self) -> Address:
        """Where the server is, by the first of the sentinels."""
        place = self._sentinels[0]
        if self._connection is None or self._connection.lost.done():
            self._connection = await _connected(place)
        sentinels = self._address.sentinels
        assert sentinels is not None  # noqa: S101 - there is one to ask
        (found,) = await _replies(self._connection, ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinels.service))
        if found is None:
            raise StoreUnavailable(f"{place} knows no service {sentinels.service}.")
        try:
            host, port = _place_in(found)
        except (ValueError, TypeError, AttributeError):  # from here on, no reply ends more than the question
            if place not in self._odd:
                logger.warning("The sentinel %s does not say where %s is; passing it over.", place, sentinels.service)
            self._odd.add(place)
            raise StoreUnavailable(f"{place} does not say where {sentinels.service} is.") from None
        self._odd.discard(place)
        return self._address.at(host, port)


def _why(error: Exception, sentinel: Address) -> str:
    """Why ``sentinel`` did not say where the server is."""
    if isinstance(error, StoreUnavailable) and not isinstance(error, ConnectionLost):
        return str(error)  # which names it
    if str(error).startswith(("NOAUTH", "WRONGPASS")):
        return f"{sentinel} wants its own password. Name that with sentinel_password."
    return f"{sentinel} cannot be asked: {reason(error, sentinel)}"


async def _connected(sentinel: Address) -> Connection:
    """A connection to ``sentinel``, logged in."""
    connection = Connection(16, lambda lost: None, lambda seconds: None, StoreRefused)
    try:
        await dial(sentinel, lambda: connection)
        await _replies(connection, *sentinel.greeting)
    except BaseException:
        connection.abort()
        raise
    return connection


def _place_in(found: Reply) -> tuple[str, int]:
    """The host and port in a sentinel's reply. Raises `ValueError`, `TypeError`, `AttributeError`: it has none."""
    host, port = found
    place = checked_host(host.decode()), int(port)
    if not place[0] or not 0 < place[1] < 2**16:
        raise ValueError
    return place


async def _replies(connection: Connection, *commands: Command) -> list[Reply]:
    """The replies to ``commands``. Raises `StoreRefused`: one is an error."""
    return [checked(reply) for reply in await connection.ask(commands, len(commands))]
