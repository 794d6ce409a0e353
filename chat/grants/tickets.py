"""Used tickets: addresses end up in logs, so a ticket in one opens only the first connection that has it."""

from __future__ import annotations

from chat.runs.store import Store


class Tickets:
    """Remembers used tickets for ``lifetime`` seconds, as long as one is valid."""

    def __init__(self, store: Store, lifetime: int) -> None:
        self._store = store
        self._lifetime = lifetime

    async def use(self, digest: str) -> bool:
        """Use the ticket with this digest. False: it was used before. Raises `RunLogUnreachable`."""
        return await self._store.ask_once("SET", f"chat:ticket:{digest}", 1, "NX", "EX", self._lifetime) is not None
