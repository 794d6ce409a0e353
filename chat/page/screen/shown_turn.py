"""The turn below the window, and the swaps for each of its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import Enum, auto
from typing import TypeAlias

from chat.domain.events import TERMINAL, Delta, Event, MemoryLoaded, Restarted, TurnStarted
from chat.page import fragments, names, notices
from chat.page.drawing import draw
from chat.page.screen.ended_turn import Ending, ended, ends_remembered
from chat.page.screen.growing_turn import GrowingTurn

#: Swaps for one update of the page, and the facts sent with them.
Update: TypeAlias = tuple[Sequence[str], Mapping[str, str]]


class NotGrowing(Enum):
    """States of the turn below the window while no reply grows there."""

    #: There is no turn, or only a failed or unsaved one, which stays until the user acts on it.
    NONE = auto()
    #: The turn is remembered, and stays until its messages are shown in the window.
    SETTLING = auto()


class ShownTurn:
    """The turn below the window of the session ``memory_id``: none, growing, or settling."""

    __slots__ = ("_memory_id", "state")

    def __init__(self, memory_id: str) -> None:
        self._memory_id = memory_id
        self.state: GrowingTurn | NotGrowing = NotGrowing.NONE

    @property
    def is_growing(self) -> bool:
        """Whether its reply is growing."""
        return isinstance(self.state, GrowingTurn)

    # --- events of its run ---------------------------------------------------------------------------------------

    async def show(self, events: Sequence[Event], newest: str | None) -> AsyncIterator[Update]:
        """Updates for the events of a turn, as few as possible.

        ``newest`` is the mark of the newest message that was remembered before the turn ended.
        """
        swaps: list[str] = []
        facts: dict[str, str] = {}
        for event in events:
            facts |= self._facts(event)
            swaps += await self._take(event, newest)
            if isinstance(event, TurnStarted):
                yield swaps, {names.ANSWERING: event.turn_id, names.ANSWERER: f"{event.worker}/{event.pid}"}
                swaps = []  # htmx looks up all targets of a frame before it fills the first
        if isinstance(self.state, GrowingTurn):
            swaps += await self.state.grown()
        yield swaps, facts

    def _facts(self, event: Event) -> Mapping[str, str]:
        if not isinstance(self.state, GrowingTurn):
            return {}
        if isinstance(event, MemoryLoaded):
            return {names.TAKEN: self.state.turn_id}
        return {names.ENDED: self.state.turn_id} if isinstance(event, TERMINAL) else {}

    async def _take(self, event: Event, newest: str | None) -> Sequence[str]:
        if isinstance(event, TurnStarted):
            self.state = GrowingTurn(event)
            return fragments.started(event)
        if isinstance(event, Restarted):
            self.state = NotGrowing.NONE
            return [fragments.clear_live()]
        return await self._go_on(self.state, event, newest) if isinstance(self.state, GrowingTurn) else []

    async def _go_on(
        self, turn: GrowingTurn, event: MemoryLoaded | Delta | Ending, newest: str | None
    ) -> Sequence[str]:
        if isinstance(event, MemoryLoaded):
            return fragments.prompt(event, turn.turn_id)
        if isinstance(event, Delta):
            turn.add(event)
            return []
        grown = await turn.grown()
        unsaved = [] if ends_remembered(event) else [event.reply]
        left = await draw(unsaved, ended, self._memory_id, turn.started, event, newest)
        # Not earlier: while a thread draws, other changes to the page must find a growing turn.
        self.state = NotGrowing.SETTLING if ends_remembered(event) else NotGrowing.NONE
        return [*grown, *left, fragments.clear_notice(notices.TURN)]

    # --- other changes -------------------------------------------------------------------------------------------

    def settle(self) -> Sequence[str]:
        """Swaps after the window was updated: a settling turn is in it now, and is removed here."""
        if self.state is not NotGrowing.SETTLING:
            return []
        self.state = NotGrowing.NONE
        return [fragments.clear_live()]

    def lose_run(self) -> Sequence[str]:
        """Swaps when it is unknown whether a reply still grows."""
        self.state = NotGrowing.NONE
        return [fragments.clear_growing(), fragments.clear_stop()]

    def lose_session(self) -> Sequence[str]:
        """Swaps after the session was deleted: all turns go, except that a growing reply starts the session again."""
        return [] if self.is_growing else [fragments.clear_all_live()]
