"""Sentences beside the message box: what each waits for, and those that are not errors."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from chat.domain.events import Event, TurnFinished
from chat.domain.exceptions import (
    ChatError,
    MemoryUnreachable,
    ModelCut,
    RunLogUnreachable,
    TooManyPages,
    TurnInProgress,
)
from chat.web.wording import worded

#: What a sentence beside the message box waits for; the page removes the sentence when it comes.
TURN, STORE, MEMORY, CONNECTION = "turn", "store", "memory", "connection"

#: Shown on a page whose session was deleted elsewhere.
DELETED = gettext_noop("This session was deleted. What you write now starts it again.")


def shortfall(event: Event) -> str:
    """Why the answer is incomplete, if the provider cut it short; "" for any other event."""
    return worded(ModelCut(event.cut)) if isinstance(event, TurnFinished) and event.cut else ""


def ends_with(error: ChatError) -> str:
    """What the sentence about ``error`` waits for; "" if it stays until the user's next action.

    A store that is full answers questions, so the page would remove the sentence at once.
    """
    match error:
        case TurnInProgress():
            return TURN
        case RunLogUnreachable(reason=""):
            return STORE
        case MemoryUnreachable(reason=""):
            return MEMORY
        case TooManyPages():
            return CONNECTION
        case _:
            return ""
