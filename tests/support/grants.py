"""What gives access, in an empty Valkey of the test."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from chat.grants.credentials import Credential
from chat.grants.endings import Ended, Endings
from chat.grants.grants import Grants
from chat.grants.logins import LoginLimiter
from chat.grants.moves import Moves
from chat.grants.scopes import Access
from chat.grants.shares import Shares
from chat.grants.tickets import Tickets
from chat.grants.tokens import Tokens
from chat.grants.visits import Visits


def grants_in(client: Redis) -> Grants:
    """The grants of a worker, without limits. ``client`` must have no read time-out."""
    return Grants(
        LoginLimiter(client, 0, 0), Visits(client, lifetime=60), Tokens(client), Tickets(client, 60), Endings(client),
        Shares(client), Moves(client),
    )  # fmt: skip


class OpenGrants:
    """Grants that are never taken back, without Redis."""

    def __init__(self) -> None:
        self.endings = self

    async def confirm(self, credential: Credential, origin: str | None = None) -> Access:
        """Every credential holds, and gives access to everything."""
        return Access()

    def watch(self, grants: Sequence[str], ended: Ended) -> None:
        """Nothing ends."""

    def unwatch(self, grants: Sequence[str], ended: Ended) -> None:
        """Nothing has ended."""
