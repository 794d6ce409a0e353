"""The events of a run of this process, and when readers see them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from chat.domain.events import Event, TextDelta, TurnFinished, TurnStarted
from chat.domain.messages import Memory, Window
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.runs.live import LiveRun
from chat.turns.prompt import build_prompt
from chat.turns.recorder import TurnRecorder
from tests.support.servers import PATIENCE

STARTED = TurnStarted("t1", "hi", "web.1", 42)


def live(*events: Event) -> LiveRun:
    run = LiveRun(Turn(Session("owner.s1", "chat.owner"), "t1", "hi", "web.1", 42), generation=1)
    for event in events:
        run.publish(event)
    return run


def test_an_event_is_seen_at_once_and_the_last_when_it_is_revealed() -> None:
    """A terminal event becomes visible only when it is revealed."""
    run = live(STARTED, TextDelta("Hi"))
    assert run.seen == 2
    run.publish(TurnFinished("Hi"))
    assert run.seen == 2
    run.reveal()
    assert run.seen == 3


def test_what_is_unwritten_has_no_last_event() -> None:
    """Unwritten events do not include a terminal one, which is written when the session is released."""
    run = live(STARTED, TextDelta("Hi"))
    run.written = 1
    run.publish(TurnFinished("Hi"))
    batch = run.unwritten()
    assert (batch.seq, batch.events) == (1, [TextDelta("Hi")])
    assert (batch.memory_id, batch.turn_id, batch.generation) == ("owner.s1", "t1", 1)


async def test_readers_are_woken_and_leave_when_the_run_is_closed() -> None:
    """Readers get every event from their position on, and end when the run is closed."""
    run = live(STARTED)

    async def read(seq: int) -> list[tuple[int, Event]]:
        async with aclosing(run.read(seq)) as events:
            return [each async for each in events]

    readers = [asyncio.create_task(read(seq)) for seq in (0, 1)]
    await asyncio.sleep(0)
    run.publish(TextDelta("Hi"))
    await asyncio.sleep(0)
    run.publish(TurnFinished("Hi"))
    run.close()
    async with asyncio.timeout(10 * PATIENCE):
        whole, rest = await asyncio.gather(*readers)
    assert whole == [(0, STARTED), (1, TextDelta("Hi"))]
    assert rest == whole[1:]


def test_a_prompt_is_written_once_and_the_end_of_the_record_with_the_last_events() -> None:
    """A prompt that replaces one already kept is written, too."""
    run = live(STARTED)
    run.recorder = TurnRecorder(run.turn, "gpt")
    assert run.unwritten().sent is None
    for attempt in (1, 2):
        run.recorder.ask(build_prompt(Memory((), None, 0, Window(12)), "hi", system="S", budget=4000))
        first = run.unwritten().sent
        assert first is not None
        assert first.attempt == attempt
        assert run.unwritten().end is None
        run.kept = attempt
        assert run.unwritten().sent is None
    run.publish(TurnFinished("Hi"))
    last = run.last()
    assert (last.events, last.sent, last.end) == ([STARTED, TurnFinished("Hi")], None, run.recorder.end)
