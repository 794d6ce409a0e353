"""What remains of a turn on the page after it has ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias
from uuid import uuid4

from django.utils.translation import gettext

from chat.domain.events import Event, MemoryLoaded, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.page import fragments, notices
from chat.page.unsaved import Unsaved, sign_unsaved

#: The last event of a turn.
Ending: TypeAlias = TurnFinished | TurnStopped | TurnFailed


def ends_remembered(event: Event) -> bool:
    """Whether ``event`` ends its turn, remembered: then its messages are in the window."""
    return isinstance(event, TurnFinished | TurnStopped) and event.remembered


def circumstances(events: Iterable[Event]) -> list[str]:
    """Swaps that say who answered, what the prompt contained, and why the answer is incomplete, if it is."""
    swaps: list[str] = []
    turn_id = ""
    for event in events:
        if isinstance(event, TurnStarted):
            turn_id = event.turn_id
            swaps.append(fragments.served(event))
        elif isinstance(event, MemoryLoaded):
            swaps += fragments.prompt(event, turn_id)
        swaps += shortfall(event)
    return swaps


def shortfall(event: Event) -> Sequence[str]:
    """A notice about an answer that was cut short, until the user's next action."""
    missing = notices.shortfall(event)
    return [fragments.notice(missing)] if missing else []


def ended(memory_id: str, started: TurnStarted, event: Ending, after: str | None) -> Sequence[str]:
    """Swaps for the end of a turn: a status if it is remembered, otherwise its text and a button to retry or save.

    ``after`` marks the newest message that was remembered before the turn.
    """
    if isinstance(event, TurnFailed):
        return fragments.failed(started, event, str(uuid4()))
    if event.remembered:
        missing = shortfall(event)  # read out in place of "The answer is complete."
        return [fragments.clear_stop(), fragments.status(""), *missing] if missing else fragments.remembered(event)
    if not event.reply:
        nothing = TurnFailed("stopped", gettext("You stopped it before the answer began."), retryable=True)
        return fragments.failed(started, nothing, str(uuid4()))
    stopped = isinstance(event, TurnStopped)
    replaces = started.replace_after
    copy = Unsaved(memory_id, started.turn_id, started.text, event.reply, stopped, event.epoch, after, replaces)
    return [*fragments.unsaved(started, event, sign_unsaved(copy)), *shortfall(event)]
