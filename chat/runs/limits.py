"""Limits on the turns begun each minute by one visitor, from one address and by all visitors, across all workers.

A visitor is a cookie, so a browser that refuses it is a new visitor on each page. Its address stays the same. A token
may have a limit of its own, besides those of the owners whose sessions it opens.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.exceptions import TooManyTurns, TooManyTurnsInAll, TooManyTurnsOfAddress, TooManyTurnsOfToken
from chat.runs.counts import Counts
from chat.runs.store import Store

MINUTE = 60
#: The key that counts the turns of all visitors.
ALL = "chat:turns-in-all"


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

    async def take(self, visitor: str, network: str | None = None, token: TokenLimits | None = None) -> None:
        """Count one turn. Raises `TooManyTurns`, with the seconds to wait: this minute's turns are used up."""
        counted: list[str] = []
        for key, limit, refusal in self._limits(visitor, network, token):
            count, seconds = await self._counts.add(key)
            counted.append(key)
            if count > limit:
                await self._counts.take_back(counted)
                raise refusal(limit, seconds)

    async def give_back(self, visitor: str, network: str | None = None, token: TokenLimits | None = None) -> None:
        """Return a turn that was counted but not begun."""
        await self._counts.take_back([key for key, _, _ in self._limits(visitor, network, token)])

    def _limits(
        self, visitor: str, network: str | None, token: TokenLimits | None
    ) -> list[tuple[str, int, type[TooManyTurns]]]:
        """Key, limit and refusal of every limit that applies; a client beyond its own limit uses up no other."""
        limits: list[tuple[str, int, type[TooManyTurns]]] = [(_key(visitor), self.limit, TooManyTurns)]
        if token is not None:
            limits.append((_token_key(token.token_id), token.turns, TooManyTurnsOfToken))
        if network is not None:
            limits.append((_address_key(network), self.per_address, TooManyTurnsOfAddress))
        limits.append((ALL, self.in_all, TooManyTurnsInAll))
        return [each for each in limits if each[1]]


def _key(visitor: str) -> str:
    return f"chat:turns:{visitor}"


def _address_key(network: str) -> str:
    return f"chat:turns-from:{network}"


def _token_key(token_id: str) -> str:
    return f"chat:turns-of-token:{token_id}"
