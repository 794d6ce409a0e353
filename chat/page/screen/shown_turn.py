"""The turn below the window, and what has to change there when something of it happens: events in, swaps out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import TypeAlias

from chat.domain.events import TERMINAL, Event, MemoryLoaded, Restarted, TextDelta, TurnStarted
from chat.page import fragments, names, notices
from chat.page.screen.ended_turn import Ending, ended, ends_remembered
from chat.page.screen.growing_turn import GrowingTurn

#: Swaps that go to the page together, and the facts that come with them.
Update: TypeAlias = tuple[Sequence[str], Mapping[str, str]]


class NotGrowing(Enum):
    """The states of the turn below the window in which no reply grows there."""

    #: There is no turn, or only one that came to nothing and stays until its user acts on it.
    NONE = auto()
    #: It is remembered, and stays until its messages are shown in the window.
    SETTLING = auto()


class ShownTurn:
    """The turn below the window of the session that ``memory_id`` names: none, growing, or settling."""

    __slots__ = ("_memory_id", "state")

    def __init__(self, memory_id: str) -> None:
        self._memory_id = memory_id
        self.state: GrowingTurn | NotGrowing = NotGrowing.NONE

    @property
    def is_growing(self) -> bool:
        """Whether it is being answered."""
        return isinstance(self.state, GrowingTurn)

    # --- what its run says --------------------------------------------------------------------------------------

    def show(self, events: Sequence[Event], newest: str | None) -> Iterator[Update]:
        """Updates for what has happened of a turn, as few as can be.

        ``newest`` is the mark of the newest message that was remembered before the turn ended.
        """
        swaps: list[str] = []
        facts: dict[str, str] = {}
        for event in events:
            facts |= self._facts(event)
            swaps += self._take(event, newest)
            if isinstance(event, TurnStarted):
                yield swaps, {}
                swaps = []  # htmx looks for all places of a frame before it fills the first
        if isinstance(self.state, GrowingTurn):
            swaps += self.state.grown()
        yield swaps, facts

    def _facts(self, event: Event) -> Mapping[str, str]:
        if not isinstance(self.state, GrowingTurn):
            return {}
        if isinstance(event, MemoryLoaded):
            return {names.TAKEN: self.state.turn_id}
        return {names.ENDED: self.state.turn_id} if isinstance(event, TERMINAL) else {}

    def _take(self, event: Event, newest: str | None) -> Sequence[str]:
        if isinstance(event, TurnStarted):
            self.state = GrowingTurn(event)
            return fragments.started(event)
        if isinstance(event, Restarted):
            self.state = NotGrowing.NONE
            return [fragments.clear_live()]
        return self._go_on(self.state, event, newest) if isinstance(self.state, GrowingTurn) else []

    def _go_on(self, turn: GrowingTurn, event: MemoryLoaded | TextDelta | Ending, newest: str | None) -> Sequence[str]:
        if isinstance(event, MemoryLoaded):
            return fragments.prompt(event)
        if isinstance(event, TextDelta):
            turn.add(event.text)
            return []
        self.state = NotGrowing.SETTLING if ends_remembered(event) else NotGrowing.NONE
        left = ended(self._memory_id, turn.started, event, newest)
        return [*turn.grown(), *left, fragments.clear_notice(notices.TURN)]

    # --- what else happens to it --------------------------------------------------------------------------------

    def settle(self) -> Sequence[str]:
        """The window was shown again: a turn that waited for it is in it."""
        if self.state is not NotGrowing.SETTLING:
            return []
        self.state = NotGrowing.NONE
        return [fragments.clear_live()]

    def lose_run(self) -> Sequence[str]:
        """It is unknown whether a reply still grows."""
        self.state = NotGrowing.NONE
        return [fragments.clear_growing(), fragments.clear_stop()]

    def lose_session(self) -> Sequence[str]:
        """The session was deleted: what came to nothing goes with it; an answer under way begins another session."""
        return [] if self.is_growing else [fragments.clear_all_live()]
