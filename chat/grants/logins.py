"""Limits on attempts to sign in, by name and by address, in all workers together."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from chat.domain.exceptions import TooManyLogins
from chat.runs.counts import Counts
from chat.runs.store import Store

#: Seconds in which failed attempts count.
PERIOD = 15 * 60
#: The hash tag of all counters.
TOGETHER = "{logins}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to sign in: a digest of the name, and the network it comes from (None: not known)."""

    name: str
    network: str | None


class LoginLimiter:
    """Allows ``per_name`` and ``per_address`` failed attempts in a quarter of an hour; 0 means no limit.

    An attempt counts before the password is checked, so that simultaneous ones gain nothing.
    """

    def __init__(self, store: Store, per_name: int, per_address: int) -> None:
        self._counts = Counts(store, PERIOD)
        self._per_name = per_name
        self._per_address = per_address

    async def begin(self, attempt: Attempt) -> None:
        """Count an attempt as failed. Raises `TooManyLogins`: those of the name or of the network are used up."""
        if (reached := await self._counts.add(self._limits(attempt))) is not None:
            raise TooManyLogins(minutes=ceil(reached.seconds / 60))

    async def succeed(self, attempt: Attempt) -> None:
        """Forget the failed attempts of the name, and that of the network that was none."""
        for key in self._limits(attempt):
            if key == _name_key(attempt.name):
                await self._counts.forget(key)
            else:
                await self._counts.take_back([key])

    def _limits(self, attempt: Attempt) -> dict[str, int]:
        limits = {_name_key(attempt.name): self._per_name}
        if attempt.network is not None:
            limits[f"chat:logins-from:{TOGETHER}:{attempt.network}"] = self._per_address
        return {key: limit for key, limit in limits.items() if limit}


def _name_key(name: str) -> str:
    return f"chat:logins:{TOGETHER}:{name}"
