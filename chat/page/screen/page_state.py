"""What an open page shows, and the swaps for each change to it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from chat.domain.exceptions import MemoryServerError, RunLogUnreachable
from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.page import fragments, notices
from chat.page.screen.growing_turn import GrowingTurn
from chat.page.screen.outage import NO_OUTAGE, Away, outage_changes, outage_of
from chat.page.screen.shown_memory import ShownMemory, is_deletion, memory_changes
from chat.page.screen.shown_turn import NotGrowing, ShownTurn
from chat.page.unsaved import newest_mark
from chat.page.word_changes import Piece


class PageState:
    """The memory on the page (None: as it was loaded), the turn below the window, and the outage, if any."""

    __slots__ = ("_session", "memory", "outage", "turn")

    def __init__(self, session: Session) -> None:
        self._session = session
        self.memory: ShownMemory | None = None
        self.turn = ShownTurn(session.memory_id)
        self.outage = NO_OUTAGE

    @property
    def is_empty(self) -> bool:
        """Whether the page shows a session without any memory."""
        return self.memory is not None and self.memory.is_empty

    @property
    def newest(self) -> str | None:
        """The mark of the newest message on the page (see `newest_mark`); None if unknown."""
        return self.memory.newest if self.memory else None

    def shows(self, memory: Memory) -> bool:
        """Whether the page already shows ``memory``, and nothing on it waits for a memory."""
        awaited = self.turn.state is NotGrowing.SETTLING or self.outage.away is not Away.NOTHING
        return not awaited and self.memory is not None and self.memory.is_of(memory)

    def is_behind(self, memory: Memory) -> bool:
        """Whether ``memory`` already has the exchange of the turn that still grows here: its end is on the way."""
        turn = self.turn.state
        if not isinstance(turn, GrowingTurn) or newest_mark(memory) == self.newest:
            return False
        if turn.started.replace_after and self.memory is None:
            return False  # it may be the exchange that is to be replaced, with the same question
        return [message.content for message in memory.messages[-2:-1]] == [turn.started.text]

    def draw_memory(
        self, memory: Memory, moved: Sequence[Message] | None, rewritten: Sequence[Piece] = ()
    ) -> Sequence[str]:
        """Swaps that replace the memory on the page with ``memory``; for the other two see `memory_changes`."""
        return memory_changes(self._session, self.memory, memory, moved, rewritten)

    def show_memory(self, memory: Memory, drawn: Sequence[str]) -> Sequence[str]:
        """Swaps for ``memory``, already ``drawn`` by `draw_memory`, and for what its arrival ends."""
        before, self.memory = self.memory, ShownMemory.of(memory)
        self.outage = NO_OUTAGE
        swaps: list[str] = [fragments.outage(""), fragments.clear_notice(notices.MEMORY)]
        swaps += drawn
        swaps += self.turn.settle()
        if is_deletion(before, self.memory):
            swaps += [fragments.notice(gettext(notices.DELETED)), *self.turn.lose_session()]
        return swaps

    def show_outage(self, error: MemoryServerError | RunLogUnreachable) -> Sequence[str]:
        """Swaps that show the outage, unless the page already does."""
        before, self.outage = self.outage, outage_of(error)
        return outage_changes(before, self.outage)
