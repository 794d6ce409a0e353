"""What gives access, in an empty Valkey of the test."""

from __future__ import annotations

from collections.abc import Sequence

from chat.grants.calls import CallLimiter
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
from tests.support.links import Process


def grants_in(worker: Process) -> Grants:
    """The grants of a worker, without limits."""
    store = worker.store
    return Grants(
        LoginLimiter(store, 0, 0), Visits(store, lifetime=60), Tokens(store), Tickets(store, 60),
        Endings(store, worker.subscriptions), Shares(store), Moves(store), CallLimiter(store),
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
