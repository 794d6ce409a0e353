"""The reason why a fold waits, stored in the session so that every replica can report it."""

from __future__ import annotations

import logging

from motorhead.config import FoldSettings
from motorhead.exceptions import ModelError, ModelRejected
from motorhead.folding.window import is_due
from motorhead.store.store import Store
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)


class FoldReasons:
    """Stores reasons in sessions that are due for a fold."""

    def __init__(self, store: Store, settings: FoldSettings) -> None:
        self._store = store
        self._settings = settings

    async def note(
        self, session_id: bytes, error: ModelError, *, parked: bool = False, stays_parked: bool = False
    ) -> None:
        """Store ``error`` as the reason; a session that is not due for a fold is left alone.

        The session is marked as parked if ``parked`` is set, if the model rejects this server, or if
        ``stays_parked`` is set and it was parked before.
        Raises `StoreError`: Redis did not answer or refused.
        """
        state = await self._store.state(session_id)
        if state is not None and is_due(state, self._settings):
            parked = parked or isinstance(error, ModelRejected) or (stays_parked and state.parked)
            await self._store.note_fold(session_id, state.epoch, str(error), parked)

    async def note_if_possible(self, session_id: bytes, error: ModelError, *, parked: bool = False) -> None:
        """Like ``note``, but log a `StoreError` instead of raising it."""
        try:
            await self.note(session_id, error, parked=parked)
        except StoreError as store_error:
            logger.warning("The reason why a fold waits could not be stored: %s", store_error)
