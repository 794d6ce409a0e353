"""Finds the sessions that are due for a fold: those with an overfull window."""

from __future__ import annotations

from collections.abc import Callable

from motorhead.config import FoldSettings
from motorhead.folding.window import is_due, overflows
from motorhead.store.state import State


class DueFolds:
    """Calls ``schedule`` with the id of each session that is due."""

    def __init__(self, settings: FoldSettings, schedule: Callable[[bytes], None]) -> None:
        self._settings = settings
        self._schedule = schedule

    def weigh(self, session_id: bytes, unfolded: int, weight: int) -> None:
        """Schedule the session if ``unfolded`` messages of ``weight`` tokens exceed its window."""
        if overflows(unfolded, weight, self._settings):
            self._schedule(session_id)

    async def look(self, session_id: bytes, state: State) -> None:
        """Schedule the session if its window overflows in ``state``. Called by the sweep."""
        if is_due(state, self._settings):
            self._schedule(session_id)
