"""The codec of AG-UI: framings, and the ends of sockets."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from chat.api.ag_ui.codec import AgUiCodec
from chat.api.ag_ui.offsets import mark_of
from chat.api.ag_ui.requests import TurnOf
from chat.api.ai_sdk.message_ids import name_of
from chat.api.codec import AbortRequest, Close, Output, ResumeRequest, SendRequest, WatchRequest
from chat.api.past import Past
from chat.domain.events import Event, MemoryLoaded, TextDelta, TurnFinished, TurnStarted
from chat.domain.exceptions import AccessDenied, AlreadyFinished, MemoryUnreachable, RunLogUnreachable
from chat.domain.messages import Memory, Message, Window
from chat.domain.runs import Cursor, Entry
from tests.chat.api.scripted_runs import past
from tests.support.ports import FailingMemory

STARTED, DELTA, FINISHED = TurnStarted("r", "hi", "web.1", 1), TextDelta("Hi."), TurnFinished("Hi.")


def frame(*messages: Any, run: str = "r", **fields: Any) -> str:
    return json.dumps({"threadId": "s", "runId": run, "messages": list(messages), **fields})


HI = frame({"id": "m", "role": "user", "content": "hi"})


def codec(**query: str) -> AgUiCodec:
    return AgUiCodec({name: [value] for name, value in query.items()})


async def entries(*events: Event | Exception) -> AsyncGenerator[Entry]:
    for seq, event in enumerate(events):
        if isinstance(event, Exception):
            raise event
        yield Entry(Cursor("r", 1, seq), event)


async def answer(codec: AgUiCodec, *events: Event | Exception, resumed: bool = False) -> list[Output]:
    return [output async for output in codec.answer("r", entries(*events), past=past(), resumed=resumed)]


def read(outputs: list[Output]) -> list[Any]:
    return [json.loads(output) if isinstance(output, str) else output.code for output in outputs]


def test_a_run_is_a_turn_of_the_same_name():
    """With the client's id for the message besides; the same run again is the same turn."""
    asked = codec().decode(HI)
    assert isinstance(asked, SendRequest)
    assert (asked.request_id, asked.session_id, asked.text) == ("r", "s", "hi")
    assert asked.is_turn == TurnOf("r")
    assert name_of(asked.turn_id) == "r"


def test_a_run_without_a_message_shows_the_past():
    """And the answer under way."""
    assert codec().decode(frame()) == ResumeRequest("r", "s", past=True)


def test_other_frames_stop_a_run_or_watch_the_memory():
    """By the run's name."""
    assert codec().decode('{"type":"abort","runId":"r"}') == AbortRequest("r")
    assert codec().decode(frame(forwardedProps={"watch": "memory"})) == WatchRequest("r", "s")


async def test_frames_are_events_or_events_with_offsets():
    """As the address asks for."""
    bare, numbered = codec(), codec(runId="r")
    for each in (bare, numbered):
        assert each.opening() is None
        each.decode(HI)
    events = read(await answer(bare, STARTED, DELTA, FINISHED))
    frames = read(await answer(numbered, STARTED, DELTA, FINISHED))
    assert (events[0]["type"], events[-1]["type"]) == ("RUN_STARTED", "RUN_FINISHED")
    assert [each["chunk"] for each in frames] == events
    assert frames[0]["id"] == f"s.1.0.0.{mark_of('r')}"


async def test_an_address_with_an_offset_goes_on_behind_it():
    """It needs no frame, and its socket is closed at the end."""
    resumed = codec(runId="r", offset="s.1.0.0")
    assert resumed.opening() == ResumeRequest("r", "s", TurnOf("r"))
    frames = read(await answer(resumed, STARTED, MemoryLoaded(None, 0), FINISHED, resumed=True))
    assert [each["chunk"]["type"] for each in frames] == ["STATE_SNAPSHOT", "STATE_DELTA", "RUN_FINISHED"]
    assert list(resumed.end("r")) == [Close(1000)]


async def test_an_address_may_ask_for_the_whole_run():
    """It names the session besides, unless its offset does."""
    resumed = codec(runId="r", offset="-1", threadId="s")
    assert resumed.opening() == ResumeRequest("r", "s", TurnOf("r"))
    frames = read(await answer(resumed, STARTED, FINISHED, resumed=True))
    assert [each.get("chunk", each)["type"] for each in frames] == ["RUN_STARTED", "MESSAGES_SNAPSHOT", "RUN_FINISHED"]


def test_nothing_to_resume_is_an_error_where_an_answer_had_begun():
    """A page that was just loaded has lost nothing."""
    fresh, midway = codec(runId="r", offset="-1", threadId="s"), codec(runId="r", offset="s.1.3.0")
    assert (fresh.opening(), midway.opening()) != (None, None)
    assert list(fresh.nothing_to_resume("r")) == [Close(4008)]
    said = read(list(midway.nothing_to_resume("r")))
    assert (said[0]["type"], said[0]["code"], said[1]) == ("RUN_ERROR", "run_unknown", 4008)
    assert [each["type"] for each in read(list(codec().nothing_to_resume("r")))] == ["RUN_ERROR"]


@pytest.mark.parametrize("error", [RunLogUnreachable(), MemoryUnreachable()])
async def test_a_store_that_is_away_closes_the_socket(error: Exception):
    """The client comes again, instead of taking the answer for failed."""
    assert read(await answer(codec(), STARTED, error))[-1] in {4012, 4013}


async def test_a_snapshot_that_cannot_be_made_closes_the_socket():
    """It would take messages from the page."""
    memory, empty = FailingMemory(), past()
    memory.load_errors.append(MemoryUnreachable())
    before = Past(empty.session, memory, empty.runs)
    outputs = [output async for output in codec().answer("r", entries(), past=before, resumed=True)]
    assert outputs[-1] == Close(4012)


async def test_a_watched_memory_is_the_state():
    """With a change for each change, and an end."""

    async def memories() -> AsyncGenerator[Memory]:
        yield Memory((), None, 0, Window(12))
        yield Memory((Message("Human", "hi"),), "a summary", 0, Window(12, folded=2))

    watching = codec(runId="r")
    watching.decode(frame(forwardedProps={"watch": "memory"}))
    outputs = [output async for output in watching.memories("r", memories())]
    events = read([*outputs, *watching.end("r")])
    assert [event["type"] for event in events] == ["RUN_STARTED", "STATE_SNAPSHOT", "STATE_DELTA", "RUN_FINISHED"]
    assert events[1]["snapshot"]["memory"]["context"] == ""
    assert events[2]["delta"][0]["value"]["folded"] == 2
    assert {event.get("threadId", "s") for event in events} == {"s"}


def test_an_error_of_no_run_ends_none():
    """While a run is answered, it is an event of another kind."""
    busy = codec()
    busy.decode(HI)
    assert read(list(busy.failure("", AccessDenied("expired"))))[0]["type"] == "CUSTOM"
    assert read(list(busy.failure("other", AlreadyFinished())))[0]["type"] == "CUSTOM"
    assert read(list(busy.failure("r", AccessDenied("expired"))))[0]["type"] == "RUN_ERROR"
    assert read(list(busy.failure("", AccessDenied("expired"))))[0]["type"] == "RUN_ERROR"


def test_a_refused_resume_closes_its_socket():
    """With the error's own code, if it has one."""
    refused = codec(runId="r", offset="-1", threadId="s")
    assert refused.opening() is not None
    assert read(list(refused.failure("r", AccessDenied("expired"))))[1] == 4401
