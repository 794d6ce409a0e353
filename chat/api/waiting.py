"""Waiting for the items of an answer, for a door whose connection has a credential that may be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeAlias, TypeVar

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Credential
from chat.grants.grants import Grants

T = TypeVar("T")

#: Done when a credential is taken back, with the refusal of its holder.
Revoked: TypeAlias = asyncio.Future[AccessDenied]


@contextmanager
def watched(credential: Credential, grants: Grants) -> Iterator[Revoked]:
    """A future that is done when ``credential`` is taken back. Watch first, then confirm that it holds."""
    revoked: Revoked = asyncio.get_running_loop().create_future()

    def end() -> None:
        if not revoked.done():
            revoked.set_result(credential.refusal())

    grants.endings.watch(credential.grants, end)
    try:
        yield revoked
    finally:
        grants.endings.unwatch(credential.grants, end)


class Waiting(Generic[T]):
    """The items of ``source``, with waits that end without losing one, until ``revoked``. Close it in the end."""

    def __init__(self, source: AsyncGenerator[T], revoked: Revoked) -> None:
        self._source = source
        self._revoked = revoked
        self._next: asyncio.Future[T] | None = None

    async def next(self, seconds: float | None = None) -> T | None:
        """The next item; None if none comes within ``seconds`` (None: wait for it).

        Raises what the source raises, `StopAsyncIteration` at its end, and `AccessDenied`: the credential was taken
        back.
        """
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._source))
        either: set[asyncio.Future[Any]] = {self._next, self._revoked}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._revoked.done():
            raise self._revoked.result()
        if not self._next.done():
            return None
        item, self._next = self._next, None
        return item.result()

    async def aclose(self) -> None:
        """Stop waiting, and close the source."""
        if self._next is not None:
            self._next.cancel()
            with suppress(asyncio.CancelledError, Exception):  # nobody waits for its result any more
                await self._next
        await self._source.aclose()
