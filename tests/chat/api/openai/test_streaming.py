"""Answers as they come, from a scripted turn."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from chat.api.openai import streaming
from chat.api.openai.answer import AnswerChunks, Completion, Count, Heading
from chat.api.openai.reading import Reading
from chat.api.openai.streaming import first_event, stream, whole
from chat.domain.events import (
    MemoryLoaded,
    ReasoningDelta,
    Restarted,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from chat.domain.exceptions import RunLogUnreachable, TurnConflict
from chat.domain.session_ids import owned_session
from tests.chat.api.scripted_runs import ScriptedRuns

HEADING = Heading("s", "t", "small", 1)
STARTED, LOADED = TurnStarted("t", "hi", "web.1", 1), MemoryLoaded(None, 0, tokens={"message": 2})
HALF, END = TextDelta("Hel"), TurnFinished("Hello.")
FAILED = TurnFailed("model_stalled", "It broke off.", retryable=True)


def reading(*script: Any) -> Reading:
    return Reading(ScriptedRuns(*script).tail(owned_session("bob", "s"), "t"), asyncio.Future())


async def streamed(*script: Any, first: Any = None) -> list[Any]:
    """The events of a stream: parsed JSON, or the text of others."""
    said = b"".join([event async for event in stream(reading(*script), first, AnswerChunks(HEADING))]).decode()
    data = [event.removeprefix("data: ") for event in said.split("\n\n")[:-1]]
    return [json.loads(each) if each.startswith("{") else each for each in data]


def texts(events: list[Any]) -> list[str]:
    """The text in the chunks."""
    choices = [event["choices"][0] for event in events if isinstance(event, dict) and event.get("choices")]
    return [choice["delta"]["content"] for choice in choices if choice["delta"].get("content")]


async def test_the_status_waits_for_the_first_word():
    """Until then nothing is sent, so a failure can have a status."""
    count = Count()
    assert await first_event(reading(STARTED, LOADED, HALF, END), "hi", count) == HALF
    assert count.prompt == 2
    assert await first_event(reading(STARTED, FAILED), "hi", count) == FAILED


async def test_the_status_does_not_wait_without_end(monkeypatch: pytest.MonkeyPatch):
    """A client or proxy would take a model that thinks for a server that hangs."""
    monkeypatch.setattr(streaming, "STATUS_WITHIN", 0.01)
    assert await first_event(reading(STARTED, asyncio.Event()), "hi", Count()) is None


async def test_a_turn_belongs_to_its_text():
    """The same key with another text is refused."""
    with pytest.raises(TurnConflict):
        await first_event(reading(STARTED, HALF, END), "ho", Count())


async def test_a_stream_ends_with_done():
    """The first event may have been read already."""
    events = await streamed(TextDelta("lo."), END, first=HALF)
    assert (texts(events), events[-1]) == (["Hel", "lo."], "[DONE]")


async def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch):
    """So that neither the client nor a proxy gives up while the model thinks."""
    monkeypatch.setattr(streaming, "SILENCE", 0.001)
    go = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, go.set)
    events = await streamed(STARTED, go, HALF, END)
    assert events[1].startswith(": ")
    assert texts(events) == ["Hel"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ((HALF, FAILED), "model_stalled"),
        ((HALF, Restarted(), STARTED, HALF, END), "answer_restarted"),
        ((HALF, RunLogUnreachable()), "run_log_unreachable"),
        ((HALF, ZeroDivisionError()), "internal"),
    ],
)
async def test_an_error_in_the_middle_is_an_event(script: tuple[Any, ...], code: str):
    """It is the last one: a stream without ``[DONE]`` is not whole."""
    events = await streamed(STARTED, *script)
    assert events[-1]["error"]["code"] == code
    assert texts(events) == ["Hel"]


async def test_an_answer_that_begins_again_before_its_first_word_goes_on():
    """Nothing was sent that would be void."""
    assert texts(await streamed(STARTED, LOADED, Restarted(), STARTED, LOADED, HALF, END)) == ["Hel"]


async def test_a_whole_answer_is_that_of_its_last_beginning():
    """What came before a restart counts for nothing."""
    before, after = ReasoningDelta("Hm?"), ReasoningDelta("Hm.")
    script = (STARTED, before, HALF, Restarted(), STARTED, LOADED, after, TextDelta("Hello."), END)
    made = await whole(reading(*script), None, HEADING, Count())
    assert isinstance(made, Completion)
    message = made.choices[0].message
    assert (message.content, message.reasoning_content, made.usage.total_tokens) == ("Hello.", "Hm.", 5)


async def test_a_failure_is_not_half_an_answer():
    """Of a turn that fails, a client that does not stream gets the error alone."""
    assert await whole(reading(HALF, FAILED), None, HEADING, Count()) == FAILED
