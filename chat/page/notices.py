"""Sentences beside the message box: when each is over, and what is said that is no error."""

from __future__ import annotations

from chat.domain.events import Event, TurnFinished
from chat.domain.exceptions import ChatError, MemoryUnreachable, ModelCut, RunLogUnreachable, TurnInProgress
from chat.domain.sentences import sentence

#: What a sentence beside the message box waits for; the page takes the sentence away when it has come.
TURN, STORE, MEMORY = "turn", "store", "memory"

#: What a page says that shows a session which was deleted elsewhere.
DELETED = "This session was deleted. What you write now starts it again."


def shortfall(event: Event) -> str:
    """What is missing of an answer that was ended before it was whole; "" of any other event."""
    return sentence(ModelCut(event.cut)) if isinstance(event, TurnFinished) and event.cut else ""


def ends_with(error: ChatError) -> str:
    """What the sentence about ``error`` waits for; "" when only the user's next step ends it."""
    match error:
        case TurnInProgress():
            return TURN
        case RunLogUnreachable():
            return STORE
        case MemoryUnreachable():
            return MEMORY
        case _:
            return ""
