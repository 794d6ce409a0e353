"""What a turn leaves on the page when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias
from uuid import uuid4

from chat.domain.events import Event, MemoryLoaded, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.page import fragments, notices
from chat.page.unsaved import Unsaved, sign_unsaved

#: The last event of a turn.
Ending: TypeAlias = TurnFinished | TurnStopped | TurnFailed


def ends_remembered(event: Event) -> bool:
    """Whether the turn ended with this event and is in the window now."""
    return isinstance(event, TurnFinished | TurnStopped) and event.remembered


def circumstances(events: Iterable[Event]) -> list[str]:
    """Who answered, what the model was given, and what is missing from its answer."""
    swaps: list[str] = []
    for event in events:
        if isinstance(event, TurnStarted):
            swaps.append(fragments.served(event))
        elif isinstance(event, MemoryLoaded):
            swaps += fragments.prompt(event)
        swaps += shortfall(event)
    return swaps


def shortfall(event: Event) -> Sequence[str]:
    """A sentence, until the user's next step, about an answer that was ended before it was whole."""
    missing = notices.shortfall(event)
    return [fragments.notice(missing)] if missing else []


def ended(memory_id: str, started: TurnStarted, event: Ending, after: str | None) -> Sequence[str]:
    """The end of a turn: nothing but words when it is remembered, else what there is of it and what can be done.

    ``after`` marks the newest message that was remembered before it.
    """
    if isinstance(event, TurnFailed):
        return fragments.failed(started, event, str(uuid4()))
    if event.remembered:
        missing = shortfall(event)  # it is read out, and instead of saying that the answer is complete
        return [fragments.clear_stop(), fragments.status(""), *missing] if missing else fragments.remembered(event)
    if not event.reply:
        nothing = TurnFailed("stopped", "You stopped it before the answer began.", retryable=True)
        return fragments.failed(started, nothing, str(uuid4()))
    stopped = isinstance(event, TurnStopped)
    copy = Unsaved(memory_id, started.turn_id, started.text, event.reply, stopped, event.epoch, after)
    return [*fragments.unsaved(started, event, sign_unsaved(copy)), *shortfall(event)]
