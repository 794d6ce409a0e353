"""Going back to an earlier version of a session's summary."""

from __future__ import annotations

from motorhead.exceptions import Conflict, NotFound
from motorhead.folding.due import DueFolds
from motorhead.messages import StoredVersion, open_version
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys
from motorhead.store.scripts import RESTORE
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.link import Link

#: How often going back is tried when the session changes in between.
TRIES = 5


class Restore:
    """Makes earlier versions the present ones."""

    def __init__(self, link: Link, store: Store, versions: Versions, due: DueFolds) -> None:
        self._link = link
        self._store = store
        self._versions = versions
        self._due = due

    async def restore(self, session_id: bytes, number: int) -> None:
        """Make version ``number`` the summary again; what was said after it is in the window again.

        Raises NotFound: when there is no such version; Conflict: when messages it does not tell were dropped, or the
        session keeps changing.
        """
        for _ in range(TRIES):
            # First the state: were the session deleted after it, its epoch would keep the old version out.
            state = await self._store.state(session_id)
            version = await self._versions.version(session_id, number)
            if version is None or state is None:
                raise NotFound(f"The session has no version {number} of its summary.")
            if await self._commit(session_id, state, version):
                await self._fold_if_due(session_id)
                return
        raise Conflict("The session keeps changing; nothing was restored. Ask again in a moment.")

    async def _commit(self, session_id: bytes, state: State, version: StoredVersion) -> bool:
        """Put ``version`` in the place of the present one; False, and nothing done, if the session has changed."""
        arguments = (
            state.epoch, state.context_version, version.through, version.weight, version.context,
            open_version(version.context, "restore"),
        )  # fmt: skip
        keys = SessionKeys(session_id)
        done: int = await self._link.run(RESTORE, [keys.state, keys.versions], arguments)
        if done < 0:
            raise Conflict("Messages that this version does not tell were dropped for their age.")
        return done > 0

    async def _fold_if_due(self, session_id: bytes) -> None:
        state = await self._store.state(session_id)
        if state is not None:
            await self._due.look(session_id, state)
