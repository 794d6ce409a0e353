"""Limits on the turns begun each minute by one visitor, from one address and by all visitors, across all workers.

A visitor is a cookie, so a browser that refuses it is a new visitor on each page. Its address stays the same. A token
may have a limit of its own, besides those of the owners whose sessions it opens.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.exceptions import TooManyTurns, TooManyTurnsInAll, TooManyTurnsOfAddress, TooManyTurnsOfToken
from chat.runs.counts import Counts
from chat.runs.keys import ACTIVE
from chat.runs.store import Store

MINUTE = 60
#: The hash tag of all counters. It puts them into the slot of the list of running turns, unless the site's keys have a
#: prefix: no turn begins without the node of that list, and so the counters need no further one.
TOGETHER = f"{{{ACTIVE}}}"
#: The key that counts the turns of all visitors.
ALL = f"chat:turns-in-all:{TOGETHER}"


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """What a token may do in a minute, with its tickets: begin ``turns``, make ``calls``; 0: no limit."""

    token_id: str
    turns: int = 0
    calls: int = 0


class TurnLimiter:
    """Turns a minute: ``limit`` for each visitor, ``per_address`` from each network, and ``in_all``; 0: no limit."""

    def __init__(self, store: Store, limit: int, in_all: int = 0, per_address: int = 0) -> None:
        self._counts = Counts(store, MINUTE)
        self.limit = limit
        self.in_all = in_all
        self.per_address = per_address

    async def check(self) -> None:
        """Return if turns can be counted, which may be on another node than the list of running turns."""
        if self.limit or self.per_address or self.in_all:
            await self._counts.check(ALL)

    async def take(self, visitor: str, network: str | None = None, token: TokenLimits | None = None) -> None:
        """Count one turn. Raises `TooManyTurns`, with the seconds to wait: this minute's turns are used up."""
        limits = self._limits(visitor, network, token)
        reached = await self._counts.add({key: limit for key, (limit, _) in limits.items()})
        if reached is not None:
            limit, refusal = limits[reached.key]
            raise refusal(limit, reached.seconds)

    async def give_back(self, visitor: str, network: str | None = None, token: TokenLimits | None = None) -> None:
        """Return a turn that was counted but not begun."""
        await self._counts.take_back(list(self._limits(visitor, network, token)))

    def _limits(
        self, visitor: str, network: str | None, token: TokenLimits | None
    ) -> dict[str, tuple[int, type[TooManyTurns]]]:
        """Limit and refusal by the key of its counter, the client's own first: it is the one that a refusal names."""
        limits: dict[str, tuple[int, type[TooManyTurns]]] = {_key(visitor): (self.limit, TooManyTurns)}
        if token is not None:
            limits[_token_key(token.token_id)] = (token.turns, TooManyTurnsOfToken)
        if network is not None:
            limits[_address_key(network)] = (self.per_address, TooManyTurnsOfAddress)
        limits[ALL] = (self.in_all, TooManyTurnsInAll)
        return {key: each for key, each in limits.items() if each[0]}


def _key(visitor: str) -> str:
    return f"chat:turns:{TOGETHER}:{visitor}"


def _address_key(network: str) -> str:
    return f"chat:turns-from:{TOGETHER}:{network}"


def _token_key(token_id: str) -> str:
    return f"chat:turns-of-token:{TOGETHER}:{token_id}"
