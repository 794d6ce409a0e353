"""Deleting a session: if a deletion is interrupted between any two steps, repeating it completes it.

Only the session knows which namespaces list it, so it is unlisted first and deleted afterwards. For the same reason
the erasure of its text from the disk is requested before the deletion.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from motorhead.store.keys import Mark
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.upkeep.erasure import Erasure
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)


class Deletion:
    """Deletes sessions with all their traces."""

    def __init__(self, store: Store, listing: Listing, erasure: Erasure) -> None:
        self._store = store
        self._listing = listing
        self._erasure = erasure

    async def delete(self, session_id: bytes, namespace: Mark) -> None:
        """Delete the session and its listing in every namespace, and in ``namespace`` even if it does not exist.

        Raises `StoreError`: Redis did not do all of it. Repeating the call is harmless and completes the deletion.
        """
        await self._erasure.ask()
        namespaces = await self._listing.marks(session_id) | {namespace}
        await self._listing.strike(session_id, sorted(namespaces))
        namespaces |= await self._deleted(session_id, namespaces)
        await self._listing.remove(session_id, sorted(namespaces))
        await self._erasure.ask()  # again: a rewrite may have begun before the text was deleted

    async def _deleted(self, session_id: bytes, struck: Iterable[Mark]) -> set[Mark]:
        """Delete the session; returns the namespaces that it was in. If that fails, list it again."""
        try:
            return set(await self._store.delete(session_id))
        except StoreError:
            await self._list_again(session_id, struck)
            raise

    async def _list_again(self, session_id: bytes, struck: Iterable[Mark]) -> None:
        for namespace in struck:
            try:
                await self._listing.affirm(session_id, namespace)
            except StoreError as error:
                logger.warning("A session that could not be deleted may be missing from a listing: %s", error)
