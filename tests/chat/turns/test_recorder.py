"""The record of a turn: what its model is sent, and when each step is done."""

from __future__ import annotations

from itertools import count

import pytest

from chat.domain.events import Event, TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import MemoryUnreachable
from chat.domain.messages import STOPPED_MARK, Memory, Window
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.turns.prompt import build_prompt
from chat.turns.recorder import HOST, TurnRecorder, digest

PROMPT = build_prompt(Memory((), None, 0, Window(12)), "hi", system="S", budget=4000)


def recorder() -> TurnRecorder:
    """A recorder whose clock is a second later whenever it is read."""
    ticks = count(100.0)
    turn = Turn(Session("owner.s1", "chat.owner"), "t1", "hi", "web.1", 42)
    return TurnRecorder(turn, "gpt", 2, now=lambda: next(ticks))


def test_the_steps_are_timed_from_the_beginning() -> None:
    """Loading, asking, the first word, the last and the append, in seconds; and who did it with which model."""
    record = recorder()
    record.load()
    record.ask(PROMPT)
    for _ in range(3):
        record.hear()
    record.complete()
    record.remember(TurnFinished("Hi"))
    sent, end = record.sent, record.end
    assert sent is not None
    assert (sent.parts, sent.budget, sent.generation, sent.model) == (PROMPT.parts, 4000, 2, "gpt")
    assert (sent.worker, sent.pid, sent.host) == (end.worker, end.pid, end.host) == ("web.1", 42, HOST)
    assert (sent.loaded, sent.asked, end.first, end.whole, end.appended) == (1, 2, 3, 4, 5)
    assert end.reply == digest("Hi")


def test_a_second_prompt_replaces_the_first() -> None:
    """Prompts of the turn are counted; nothing is known before the first."""
    assert recorder().sent is None
    record = recorder()
    record.ask(PROMPT)
    smaller = build_prompt(Memory((), None, 0, Window(12)), "hi", system="S", budget=100)
    record.ask(smaller)
    assert record.sent is not None
    assert (record.sent.attempt, record.sent.budget) == (2, 100)


def test_what_did_not_happen_has_no_time() -> None:
    """A turn that fails before the first word, and one that is not remembered."""
    unremembered: list[Event] = [
        TurnFailed("model_silent", "No.", retryable=True),
        TurnFinished("Hi", remembered=False),
    ]
    for event in unremembered:
        record = recorder()
        record.ask(PROMPT)
        record.complete()
        record.remember(event)
        assert (record.end.first, record.end.whole, record.end.appended, record.end.reply) == (None, None, None, "")


def test_a_report_says_how_the_turn_went() -> None:
    """Its steps, its outcome and estimates of its tokens; of a turn that failed early only the end."""
    record = recorder()
    record.load()
    record.ask(PROMPT)
    record.hear()
    record.complete()
    record.miss(MemoryUnreachable())
    report = record.report(TurnFinished("Hello", remembered=False, cut="length"))
    assert (report.loaded, report.asked, report.first, report.whole, report.ended) == (1, 2, 3, 4, 5)
    assert (report.outcome, report.code, report.remembered, report.attempts) == ("cut", "", False, 1)
    assert (report.cut, report.missed) == ("length", "memory_unreachable")
    assert (report.prompt_tokens, report.generation, report.model) == (PROMPT.tokens, 2, "gpt")
    assert report.reply_tokens == 2
    early = recorder().report(TurnFailed("memory_unreachable", "No.", retryable=True))
    assert (early.outcome, early.code, early.remembered) == ("failed", "memory_unreachable", False)
    assert (early.loaded, early.asked, early.first, early.whole, early.ended) == (None, None, None, None, 1)
    assert (early.attempts, early.prompt_tokens, early.reply_tokens) == (0, 0, 0)


@pytest.mark.parametrize(
    ("event", "outcome"), [(TurnFinished("Hi"), "answered"), (TurnStopped("", remembered=False), "stopped")]
)
def test_a_report_names_the_outcome(event: TurnFinished | TurnStopped, outcome: str) -> None:
    """A reply that nothing cut is an answer."""
    assert recorder().report(event).outcome == outcome


def test_a_stopped_reply_is_recognised_as_it_is_remembered() -> None:
    """With the mark at its end."""
    record = recorder()
    record.remember(TurnStopped("So far"))
    assert record.end.reply == digest("So far" + STOPPED_MARK)
