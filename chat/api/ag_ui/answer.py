"""Converts a turn's events to those of AG-UI. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from chat.api.ag_ui.events import (
    PROTOCOL_VERSION,
    Event,
    MemoryState,
    Outcome,
    ReasoningEnd,
    ReasoningMessageContent,
    ReasoningMessageEnd,
    ReasoningMessageStart,
    ReasoningStart,
    Replacement,
    Result,
    RunFinished,
    RunStarted,
    ServedBy,
    StartMetadata,
    State,
    StateDelta,
    StateSnapshot,
    TextMessageContent,
    TextMessageEnd,
    TextMessageStart,
    failed,
)
from chat.api.ai_sdk.message_ids import reply_id
from chat.domain import events as turn_events
from chat.domain.messages import Memory

#: Where the memory is in the state.
MEMORY, WINDOW = "/memory", "/memory/messages"


class AnswerEvents:
    """Converts the events of one turn, in order, for the run ``run_id`` of a client."""

    def __init__(self, session_id: str, run_id: str) -> None:
        self._session_id = session_id
        self._run_id = run_id
        self._turn_id = run_id
        self._text_is_open = False
        self._reasoning = 0  # the number of the part
        self._reasoning_is_open = False
        self._window: int | None = None

    def events(self, event: turn_events.Event) -> Iterator[Event]:
        """The events for ``event``."""
        match event:
            case turn_events.TextDelta(text):
                yield from self._open_text()
                yield TextMessageContent(reply_id(self._turn_id), text)
            case turn_events.ReasoningDelta(text):
                yield from self._open_reasoning()
                yield ReasoningMessageContent(self._reasoning_id, text)
            case turn_events.ReasoningEnded():
                yield from self._close_reasoning()
            case turn_events.TurnStarted():
                yield self._start(event)
            case turn_events.MemoryLoaded():
                yield self._memory(event)
            case turn_events.TurnFinished() | turn_events.TurnStopped():
                yield from self.close()
                yield from self._appended(event)
                yield self._finish(event)
            case turn_events.TurnFailed():
                yield from self.close()
                yield failed(event.reason, event.code, event.retryable, self._run_id)

    def close(self) -> Iterator[Event]:
        """End the messages that are open."""
        yield from self._close_reasoning()
        if self._text_is_open:
            self._text_is_open = False
            yield TextMessageEnd(reply_id(self._turn_id))

    def _start(self, event: turn_events.TurnStarted) -> RunStarted:
        self._turn_id = event.turn_id
        self._window = None
        return run_started(self._session_id, self._run_id, ServedBy(event.worker, event.pid))

    def _memory(self, event: turn_events.MemoryLoaded) -> Event:
        """The first is the state, a later one a change of it."""
        known, self._window = self._window, event.messages + event.omitted
        state = MemoryState(
            event.messages + event.omitted, event.context or "", event.omitted, event.recalled, event.trouble
        )
        return state_event(state, changed=known is not None)

    def _appended(self, event: turn_events.TurnFinished | turn_events.TurnStopped) -> Iterator[Event]:
        """The exchange is part of the window now. A fold in the meantime shows in the next state."""
        if event.remembered and event.reply and self._window is not None:
            yield StateDelta([Replacement(WINDOW, self._window + 2)])

    def _finish(self, event: turn_events.TurnFinished | turn_events.TurnStopped) -> RunFinished:
        stopped = isinstance(event, turn_events.TurnStopped)
        result = Result(
            event.remembered, event.reason, None if isinstance(event, turn_events.TurnStopped) else event.cut
        )
        return RunFinished(self._session_id, self._run_id, Outcome("cancelled" if stopped else "success"), result)

    @property
    def _reasoning_id(self) -> str:
        return f"{self._turn_id}.reasoning" + (f"-{self._reasoning}" if self._reasoning > 1 else "")

    def _open_reasoning(self) -> Iterator[Event]:
        if not self._reasoning_is_open:
            self._reasoning_is_open = True
            self._reasoning += 1
            yield ReasoningStart(self._reasoning_id)
            yield ReasoningMessageStart(self._reasoning_id)

    def _close_reasoning(self) -> Iterator[Event]:
        if self._reasoning_is_open:
            self._reasoning_is_open = False
            yield ReasoningMessageEnd(self._reasoning_id)
            yield ReasoningEnd(self._reasoning_id)

    def _open_text(self) -> Iterator[Event]:
        yield from self._close_reasoning()
        if not self._text_is_open:
            self._text_is_open = True
            yield TextMessageStart(reply_id(self._turn_id))


def run_started(session_id: str, run_id: str, served_by: ServedBy | None = None) -> RunStarted:
    """The first event of a run."""
    return RunStarted(session_id, run_id, PROTOCOL_VERSION, StartMetadata(served_by) if served_by else None)


def run_finished(session_id: str, run_id: str) -> RunFinished:
    """The last event of a run without an answer."""
    return RunFinished(session_id, run_id, Outcome("success"))


def memory_event(memory: Memory, *, changed: bool) -> Event:
    """The event that shows ``memory``: as the state, or as a change of it."""
    window = memory.window
    state = MemoryState(len(memory.messages), memory.context or "", folded=window.folded, fold=window.fold.value)
    return state_event(state, changed=changed)


def state_event(state: MemoryState, *, changed: bool) -> Event:
    """The event for a state, or for a change of it."""
    return StateDelta([Replacement(MEMORY, state)]) if changed else StateSnapshot(State(state))
