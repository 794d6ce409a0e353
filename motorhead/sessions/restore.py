"""Restoring an earlier version of a session's summary."""

from __future__ import annotations

from motorhead.exceptions import MessagesRemoved, NotFound, SessionBusy
from motorhead.folding.due import DueFolds
from motorhead.messages import StoredVersion, open_version
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys
from motorhead.store.scripts import RESTORE
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.link import Link

#: How often a restore is tried while the session keeps changing.
TRIES = 5


class Restore:
    """Restores earlier versions of summaries."""

    def __init__(self, link: Link, store: Store, versions: Versions, due: DueFolds) -> None:
        self._link = link
        self._store = store
        self._versions = versions
        self._due = due

    async def restore(self, session_id: bytes, number: int) -> None:
        """Make version ``number`` the summary again; the messages after it return to the window.

        Raises `NotFound`: there is no such version; `MessagesRemoved`: messages after it have been dropped;
        `SessionBusy`: the session keeps changing.
        """
        for _ in range(TRIES):
            # The state is read first: if the session is deleted afterwards, the epoch keeps the old version out.
            state = await self._store.state(session_id)
            version = await self._versions.version(session_id, number)
            if version is None or state is None:
                raise NotFound(f"The session has no version {number} of its summary.")
            if await self._commit(session_id, state, version):
                await self._fold_if_due(session_id)
                return
        raise SessionBusy("The session keeps changing; nothing was restored. Try again in a moment.")

    async def _commit(self, session_id: bytes, state: State, version: StoredVersion) -> bool:
        """Replace the present version with ``version``; False, and no change, if the session has changed."""
        arguments = (
            state.epoch, state.context_version, version.through, version.weight, version.context,
            open_version(version.context, "restore"),
        )  # fmt: skip
        keys = SessionKeys(session_id)
        done: int = await self._link.run(RESTORE, [keys.state, keys.versions, keys.withdrawn], arguments)
        if done < 0:
            raise MessagesRemoved(
                "Messages after this version were dropped because of their age; restore a newer version."
            )
        return done > 0

    async def _fold_if_due(self, session_id: bytes) -> None:
        state = await self._store.state(session_id)
        if state is not None:
            await self._due.look(session_id, state)
