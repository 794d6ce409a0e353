"""What an open page shows now, and what has to change there for something new: values in, swaps out."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.exceptions import MemoryServerError, RunLogUnreachable
from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.page import fragments, notices
from chat.page.screen.outage import NO_OUTAGE, Away, outage_changes, outage_of
from chat.page.screen.shown_memory import ShownMemory, is_deletion, memory_changes
from chat.page.screen.shown_turn import NotGrowing, ShownTurn


class PageState:
    """The memory that the page shows (None: what it came with), the turn below the window, and what is away."""

    __slots__ = ("_session", "memory", "outage", "turn")

    def __init__(self, session: Session) -> None:
        self._session = session
        self.memory: ShownMemory | None = None
        self.turn = ShownTurn(session.memory_id)
        self.outage = NO_OUTAGE

    @property
    def is_empty(self) -> bool:
        """Whether it shows that nothing is remembered of the session."""
        return self.memory is not None and self.memory.is_empty

    @property
    def newest(self) -> str | None:
        """The mark of the newest message that it shows (see `newest_mark`); None where that is unknown."""
        return self.memory.newest if self.memory else None

    def shows(self, memory: Memory) -> bool:
        """Whether ``memory`` is there already, and nothing on the page waits for it."""
        awaited = self.turn.state is NotGrowing.SETTLING or self.outage.away is not Away.NOTHING
        return not awaited and self.memory is not None and self.memory.is_of(memory)

    def show_memory(self, memory: Memory, moved: Sequence[Message] | None) -> Sequence[str]:
        """Swaps for ``memory``, and for what its coming ends; ``moved``: see `memory_changes`."""
        before, self.memory = self.memory, ShownMemory.of(memory)
        self.outage = NO_OUTAGE
        swaps: list[str] = [fragments.outage(""), fragments.clear_notice(notices.MEMORY)]
        swaps += memory_changes(self._session, before, memory, moved)
        swaps += self.turn.settle()
        if is_deletion(before, self.memory):
            swaps += [fragments.notice(notices.DELETED), *self.turn.lose_session()]
        return swaps

    def show_outage(self, error: MemoryServerError | RunLogUnreachable) -> Sequence[str]:
        """Swaps that say what is away, unless the page says so already."""
        before, self.outage = self.outage, outage_of(error)
        return outage_changes(before, self.outage)
