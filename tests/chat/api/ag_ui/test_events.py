"""The events that are sent, against the types of AG-UI's own package."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from ag_ui.core import PROTOCOL_VERSION as THEIR_VERSION, Event as AnyEvent, EventType
from pydantic import BaseModel, TypeAdapter

from chat.api.ag_ui import events
from chat.api.ag_ui.answer import AnswerEvents, memory_event, run_started
from chat.api.ag_ui.events import Event, complaint, encode, run_error
from chat.api.ag_ui.snapshots import snapshot_of
from chat.domain.events import (
    Event as TurnEvent,
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat.domain.exceptions import InvalidFrame, TurnInProgress
from chat.domain.messages import Memory, Message, Window
from chat.sessions.history import History

TURN: list[TurnEvent] = [
    TurnStarted("t", "hi", "web.1", 1),
    MemoryLoaded("a summary", 2, 1, ("a line",)),
    MemoryLoaded("a summary", 1, 2, trouble="It is down."),
    ReasoningDelta("Hm"),
    ReasoningEnded(1.5),
    TextDelta("Hello"),
]
ENDINGS: list[TurnEvent] = [
    TurnFinished("Hello", cut="length"),
    TurnFinished("Hello", remembered=False, reason="Memory is unreachable."),
    TurnStopped("Hello"),
    TurnFailed("model_stalled", "It broke off.", True, "Hello"),
]
OTHERS = [
    run_started("s", "r"),
    memory_event(Memory((), None, 0, Window(12)), changed=False),
    memory_event(Memory((), "a summary", 0, Window(12)), changed=True),
    snapshot_of(History((Message("Human", "hi", "1"), Message("AI", "Hi.\n\n[stopped]", "2")), None)).event,
    run_error(TurnInProgress("t"), "r"),
    complaint(InvalidFrame("binary")),
]


def turns() -> list[Event]:
    made: list[Event] = []
    for ending in ENDINGS:
        answer = AnswerEvents("s", "r")
        made += [made for event in [*TURN, ending] for made in answer.events(event)]
    return made


@pytest.mark.parametrize("event", [*turns(), *OTHERS], ids=lambda event: type(event).__name__)
def test_every_event_is_one_of_the_protocol(event: Event):
    """It has the fields of its type, and no others: clients drop those, with a warning."""
    sent = json.loads(encode(event))
    their = TypeAdapter[BaseModel](AnyEvent).validate_python(sent)
    assert their.model_dump(mode="json", by_alias=True) == sent
    assert not _unknown(their)


def _unknown(model: Any) -> set[str]:
    """The fields that their model does not know, also within it."""
    if isinstance(model, list):
        return {name for each in model for name in _unknown(each)}
    if not isinstance(model, BaseModel):
        return set()
    inner = {name for value in dict(model).values() for name in _unknown(value)}
    return set(model.model_extra or {}) | inner


def test_the_version_is_that_of_their_package():
    """The protocol is declared with each run."""
    assert events.PROTOCOL_VERSION == THEIR_VERSION


def test_all_kinds_of_events_were_made():
    """So that the tests above are about every type."""
    made = {type(event) for event in [*turns(), *OTHERS]}
    assert made == set(get_args(Event))
    assert {kind.__struct_config__.tag for kind in get_args(Event)} <= {kind.value for kind in EventType}
    assert all(issubclass(kind, msgspec.Struct) for kind in made)


def test_an_error_names_its_run_and_what_is_in_the_way():
    """For clients that answer several at once."""
    assert json.loads(encode(run_error(TurnInProgress("t"), "r")))["metadata"] == {
        "retryable": TurnInProgress.retryable,
        "turnId": "t",
        "tanstack": {"runId": "r"},
    }
