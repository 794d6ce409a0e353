"""Limits on the calls made each minute with one token, across all workers."""

from __future__ import annotations

from chat.domain.exceptions import TooManyPages
from chat.runs.counts import Counts
from chat.runs.limits import MINUTE, TokenLimits
from chat.runs.store import Store


class CallLimiter:
    """Counts calls, runs and sockets that are opened with a token which has a limit, or with its tickets."""

    def __init__(self, store: Store) -> None:
        self._counts = Counts(store, MINUTE)

    async def take(self, token: TokenLimits | None) -> None:
        """Count one. Raises `TooManyPages`, with the seconds to wait; `RunLogUnreachable`: Redis did not answer."""
        if token is None or not token.calls:
            return
        key = f"chat:calls-of-token:{token.token_id}"
        if (reached := await self._counts.add({key: token.calls})) is not None:
            raise TooManyPages("token", limit=token.calls, retry_after=reached.seconds)
