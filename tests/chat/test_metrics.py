"""The metrics of a web worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chat.domain.exceptions import ChatError, ModelError
from chat.domain.reports import TurnReport
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.metrics import MODEL_FAILURES, TURN_FAILURES, Metrics, metrics

TURN = Turn(Session("owner.s1", "chat.owner"), "t1", "hi", "web.1", 42)
ANSWERED = TurnReport(
    TURN, "gpt", 1, 1, "answered", "", True, 100, 20, begun=0.0, loaded=0.1, asked=0.2, first=0.3, whole=2.0, ended=2.1
)
FAILED = replace(ANSWERED, outcome="failed", code="model_busy", remembered=False, reply_tokens=0, first=None)


def shown(counted: Metrics) -> dict[str, float]:
    """Every sample."""
    lines = [line.rpartition(" ") for family in counted.registry.families() for line in family.samples]
    return {name: float(value) for name, _, value in lines}


def test_each_turn_counts_by_its_outcome() -> None:
    """All outcomes are there from the beginning; errors are counted by code, and replies that were not remembered."""
    counted = Metrics()
    assert shown(counted)['chat_turns_total{outcome="failed"}'] == 0
    for report in (ANSWERED, replace(ANSWERED, remembered=False), replace(ANSWERED, outcome="stopped"), FAILED):
        counted.end_turn(report)
    found = shown(counted)
    outcomes = [found[f'chat_turns_total{{outcome="{name}"}}'] for name in ("answered", "cut", "stopped", "failed")]
    assert outcomes == [2, 0, 1, 1]
    assert found['chat_turn_failures_total{code="model_busy"}'] == 1
    assert found["chat_turns_not_remembered_total"] == 1
    assert found["chat_first_word_seconds_count"] == 3
    assert found['chat_first_word_seconds_bucket{le="0.5"}'] == 3
    assert found["chat_turn_seconds_count"] == 4
    assert found['chat_tokens_total{kind="prompt"}'] == 400
    assert found['chat_tokens_total{kind="reply"}'] == 60


def test_a_reply_that_was_stopped_before_its_first_word_is_not_missed() -> None:
    """There is nothing to remember of it."""
    counted = Metrics()
    counted.end_turn(replace(ANSWERED, outcome="stopped", remembered=False, reply_tokens=0))
    assert shown(counted)["chat_turns_not_remembered_total"] == 0


def test_each_request_to_the_memory_counts_by_its_call() -> None:
    """Failures have the error's code besides."""
    counted = Metrics()
    counted.answer_of_memory("POST memory", 0.02, "")
    counted.answer_of_memory("POST memory", 5.0, "memory_unreachable")
    found = shown(counted)
    assert found['chat_memory_seconds_count{call="POST memory"}'] == 2
    assert found['chat_memory_failures_total{call="POST memory",code="memory_unreachable"}'] == 1


def test_failures_are_shown_before_the_first() -> None:
    """Prometheus sees no increase of a sample that appears with 1."""
    found = shown(Metrics())
    assert found['chat_turn_failures_total{code="model_refused"}'] == 0
    assert found['chat_model_failures_total{code="model_refused.key"}'] == 0
    assert found['chat_model_failures_total{code="model_unreachable"}'] == 0
    assert found['chat_memory_failures_total{call="POST memory",code="memory_unreachable"}'] == 0


def test_the_failures_that_are_shown_are_those_that_there_are() -> None:
    """All kinds of the model's, and such of the memory server and Redis as exist."""
    codes = {each.code for each in kinds_below(ModelError)}
    assert {name.partition(".")[0] for name in MODEL_FAILURES} == codes - {"model_error"}
    every = {each.code for each in kinds_below(ChatError)}
    assert set(TURN_FAILURES) <= every


def kinds_below(kind: type[ChatError]) -> Iterator[type[ChatError]]:
    """This kind of error, and those below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from kinds_below(below)


def test_a_process_has_one_set_of_metrics() -> None:
    """Whichever part counts, it is shown together."""
    assert metrics() is metrics()
