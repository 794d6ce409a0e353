"""Appending to a session, and its consequences: the listing, a fold, vectors.

A session is listed in the same round trip as its append, just before it. Therefore an append that writes nothing takes
the listing back, and the first append in a namespace lists the session once more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from motorhead.exceptions import RequestError, TooManyRequests
from motorhead.folding.due import DueFolds
from motorhead.messages import NewMessage
from motorhead.metrics import Metrics
from motorhead.store.appending import Appended
from motorhead.store.keys import Mark
from motorhead.store.listing import Listing, now_ms
from motorhead.store.store import Store
from motorhead.upkeep.erasure import Erasure
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)


class Append:
    """Appends to sessions.

    ``appends_per_minute``: the limit for each session (0: no limit). ``index_soon`` is called with the id of each
    session that has received messages.
    """

    def __init__(
        self,
        store: Store,
        listing: Listing,
        due: DueFolds,
        metrics: Metrics,
        *,
        erasure: Erasure,
        appends_per_minute: int,
        index_soon: Callable[[bytes], None],
    ) -> None:
        self._store = store
        self._listing = listing
        self._due = due
        self._erasure = erasure
        self._metrics = metrics
        self._appends_per_minute = appends_per_minute
        self._index_soon = index_soon

    async def append(
        self,
        session_id: bytes,
        namespace: Mark,
        messages: Sequence[NewMessage],
        context: str | None,
        *,
        replace_after: int | None = None,
        through: int | None = None,
        epoch: str = "",
        key: str = "",
        summary_tag: str = "",
    ) -> str:
        """Append ``messages`` (oldest first) and set ``context``, unless None; returns the session's epoch.

        ``replace_after``: withdraw all messages behind this number first. ``through``: begin a session whose context
        covers its first messages, up to this number. Without anything to write, the epoch is "" if there is no such
        session. Repeated under the same ``key``, the append is made once.
        Raises as `Store.append`, and `TooManyRequests`: the session has reached its limit.
        """
        if self._appends_per_minute:
            await self._check_rate(session_id)
        writes = messages or context is not None or replace_after is not None
        listed_at = now_ms() if writes else None
        listed = () if listed_at is None else self._listing.add(session_id, namespace, listed_at)
        try:
            appended = await self._store.append(
                session_id, messages, context, namespace, listed,
                replace_after=replace_after, through=through, epoch=epoch, key=key, summary_tag=summary_tag,
            )  # fmt: skip
        except RequestError:
            await self._take_back(session_id, namespace, listed_at)
            raise
        if appended.again or not appended.epoch or listed_at is None:
            await self._take_back(session_id, namespace, listed_at)
        else:
            self._metrics.appends.add()
            self._metrics.messages.add(len(messages))
        if appended.recorded:
            await self._affirm(session_id, namespace)
        if replace_after is not None:
            await self._erasure.ask()
        self._schedule(session_id, messages, appended)
        return appended.epoch

    def _schedule(self, session_id: bytes, messages: Sequence[NewMessage], appended: Appended) -> None:
        """Schedule the background work that the append has made due."""
        self._due.weigh(session_id, appended.unfolded, appended.weight)
        if messages:
            self._index_soon(session_id)

    async def _check_rate(self, session_id: bytes) -> None:
        if wait := await self._store.allowance(session_id, self._appends_per_minute):
            seconds = -(-wait // 1000)
            raise TooManyRequests(
                f"This session takes {self._appends_per_minute} appends a minute; wait {seconds} s.", seconds
            )

    async def _affirm(self, session_id: bytes, namespace: Mark) -> None:
        """List the session once more, after its first append in the namespace."""
        with log_store_errors():
            await self._listing.affirm(session_id, namespace)

    async def _take_back(self, session_id: bytes, namespace: Mark, listed_at: int | None) -> None:
        """Remove the traces of an append that wrote nothing. ``listed_at``: when it listed its session (ms), if so."""
        with log_store_errors():
            if listed_at is not None:
                await self._listing.take_back(session_id, namespace, listed_at)
            if self._appends_per_minute:
                await self._store.forget_allowance(session_id)


@contextmanager
def log_store_errors() -> Iterator[None]:
    """A block in which errors of Redis are logged rather than raised, because the answer is already decided."""
    try:
        yield
    except StoreError as error:
        logger.warning("A listing may lag behind its session: %s", error)
