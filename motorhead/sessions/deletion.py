"""Deleting a session: whatever is in the way, or dies, between two of its steps, asking again finishes it.

Only the session knows which namespaces list it. So it is unlisted while it can still be asked, and deleted then. Nor
does it wait until afterwards to note that the text has to leave the disk.
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
    """Deletes sessions with all that tells of them."""

    def __init__(self, store: Store, listing: Listing, erasure: Erasure) -> None:
        self._store = store
        self._listing = listing
        self._erasure = erasure

    async def delete(self, session_id: bytes, namespace: Mark) -> None:
        """Remove the session from every namespace; also from ``namespace`` what is listed there without a session.

        A StoreError says why it is not done. Asking again does no harm and finishes it.
        """
        await self._erasure.ask()
        namespaces = await self._listing.marks(session_id) | {namespace}
        await self._listing.strike(session_id, sorted(namespaces))
        namespaces |= await self._deleted(session_id, namespaces)
        await self._listing.remove(session_id, sorted(namespaces))
        await self._erasure.ask()  # once more: a rewrite may have begun before the text was gone

    async def _deleted(self, session_id: bytes, struck: Iterable[Mark]) -> set[Mark]:
        """Delete the session; the namespaces that it had come to be in by then. If it stays, it is listed again."""
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
