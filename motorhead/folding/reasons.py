"""Why a fold waits, noted in the session, so that every replica can say so to a reader."""

from __future__ import annotations

import logging

from motorhead.config import FoldSettings
from motorhead.exceptions import ModelError, ModelRejected
from motorhead.folding.folder import is_due
from motorhead.store.store import Store
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)


class FoldReasons:
    """Notes reasons in the sessions that are due for a fold."""

    def __init__(self, store: Store, settings: FoldSettings) -> None:
        self._store = store
        self._settings = settings

    async def note(
        self, session_id: bytes, error: ModelError, *, parked: bool = False, stays_parked: bool = False
    ) -> None:
        """Note ``error`` as the reason, and whether the session is ``parked``; it is if the model rejects this server.

        With ``stays_parked`` a session that is parked is so still.
        Raises StoreError: when it could not be noted.
        """
        state = await self._store.state(session_id)
        if state is not None and is_due(state, self._settings):
            parked = parked or isinstance(error, ModelRejected) or (stays_parked and state.parked)
            await self._store.note_fold(session_id, state.epoch, str(error), parked)

    async def note_if_possible(self, session_id: bytes, error: ModelError, *, parked: bool = False) -> None:
        """Note as ``note`` does, or log that Redis did not take it."""
        try:
            await self.note(session_id, error, parked=parked)
        except StoreError as store_error:
            logger.warning("The reason of a waiting fold could not be noted: %s", store_error)
