"""Sentences for people: what an error means for what somebody was doing, and when the sentence about it is over.

An error's own words (`str`) are made for whoever has just sent a message. For all else they are chosen here.
"""

from __future__ import annotations

from chat.domain.events import Event, TurnFinished
from chat.domain.exceptions import (
    ChatError,
    MemoryServerError,
    MemoryUnreachable,
    ModelCut,
    RunLogUnreachable,
    TurnInProgress,
)

#: What a sentence beside the message box waits for; the page takes the sentence away when it has come.
TURN, STORE, MEMORY = "turn", "store", "memory"

#: What a page says that shows a session which was deleted from elsewhere.
DELETED = "This session was deleted. What is written here now begins it anew."


def shortfall(event: Event) -> str:
    """What is missing of an answer that was ended before it was whole; "" of any other event."""
    return str(ModelCut(event.cut)) if isinstance(event, TurnFinished) and event.cut else ""


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


def without_draft(error: ChatError) -> str:
    """What went wrong, for somebody who was sending no message."""
    match error:
        case MemoryUnreachable():
            return "Memory is unreachable. Try again in a moment."
        case RunLogUnreachable():
            return "The chat's own store cannot be reached. Try again in a moment."
        case _:
            return str(error)


def not_saved(error: ChatError) -> str:
    """Why saving again did not work."""
    return without_draft(error).replace("is unreachable", "is still unreachable")


def not_deleted(error: ChatError) -> str:
    """Why a session was not deleted. A server that does not answer in time may carry the deletion out afterwards."""
    uncertain = isinstance(error, MemoryUnreachable | RunLogUnreachable)
    first = "It is not certain that it was deleted." if uncertain else "It was not deleted."
    return f"{first} {without_draft(error)}"


def away(error: MemoryServerError | RunLogUnreachable) -> str:
    """What an outage means for who looks at a session."""
    match error:
        case MemoryUnreachable():
            return "Memory is unreachable. What was said is kept there, and is shown again as soon as it answers."
        case RunLogUnreachable():
            return "The chat's own store cannot be reached. Answers go on as soon as it is back."
        case _:
            return str(error)
