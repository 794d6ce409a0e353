"""Traces of turns, as OpenTelemetry's own exporter gets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chat import tracing
from chat.domain.reports import TurnReport
from chat.domain.runs import Turn
from chat.domain.session_ids import Session
from chat.tracing import TurnTracer

SAID = "canary7f3qz"
TURN = Turn(Session("owner.s1", "chat.owner"), "t1", SAID, "web.1", 42)
ANSWERED = TurnReport(
    TURN,
    "gpt",
    1,
    1,
    "answered",
    "",
    True,
    100,
    20,
    begun=1000.0,
    loaded=0.1,
    asked=0.2,
    first=0.5,
    whole=2.0,
    ended=2.5,
)


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Keeps the spans."""
    return InMemorySpanExporter()


@pytest.fixture
def tracer(exporter: InMemorySpanExporter) -> Iterator[TurnTracer]:
    """A tracer whose spans are kept."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield TurnTracer(provider)
    provider.shutdown()


def seconds(span: ReadableSpan) -> tuple[float, float]:
    """When the span begins and ends, from the beginning of the turn."""
    assert span.start_time is not None
    assert span.end_time is not None
    return round(span.start_time / 1e9 - 1000, 3), round(span.end_time / 1e9 - 1000, 3)


def test_a_turn_has_a_span_for_each_of_its_steps(tracer: TurnTracer, exporter: InMemorySpanExporter) -> None:
    """They are within that of the turn, with its ids and the times of the steps."""
    tracer.trace(ANSWERED)
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert {name: seconds(span) for name, span in spans.items()} == {
        "turn": (0, 2.5), "memory load": (0, 0.1), "chat gpt": (0.2, 2.0), "memory append": (2.0, 2.5),
    }  # fmt: skip
    turn = spans.pop("turn")
    assert turn.parent is None
    for span in spans.values():
        assert span.parent is not None
        assert span.parent.span_id == turn.context.span_id
        assert span.kind is SpanKind.CLIENT
        assert span.status.status_code is StatusCode.UNSET
    assert dict(turn.attributes or {}) == {
        "gen_ai.conversation.id": "owner.s1",
        "motorhead_chat.turn.id": "t1",
        "motorhead_chat.turn.outcome": "answered",
        "motorhead_chat.turn.remembered": True,
        "motorhead_chat.turn.generation": 1,
        "motorhead_chat.turn.worker": "web.1",
    }


@pytest.mark.parametrize("cut", ["length", "content_filter"])
def test_the_call_of_the_model_follows_the_conventions(
    cut: str, tracer: TurnTracer, exporter: InMemorySpanExporter
) -> None:
    """Model, tokens, the time to the first word, and why it ended."""
    tracer.trace(replace(ANSWERED, outcome="cut", cut=cut, attempts=2))
    (model,) = (span for span in exporter.get_finished_spans() if span.name == "chat gpt")
    assert dict(model.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt",
        "gen_ai.request.stream": True,
        "gen_ai.conversation.id": "owner.s1",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.response.time_to_first_chunk": 0.3,
        "gen_ai.response.finish_reasons": (cut,),
        "motorhead_chat.tokens.estimated": True,
        "motorhead_chat.attempts": 2,
    }


@pytest.mark.parametrize(
    ("report", "failed"),
    [
        (replace(ANSWERED, code="memory_unreachable", loaded=None, asked=None, first=None, whole=None), "memory load"),
        (replace(ANSWERED, code="model_busy", first=None, whole=None), "chat gpt"),
    ],
)
def test_the_step_that_failed_has_the_code(
    report: TurnReport, failed: str, tracer: TurnTracer, exporter: InMemorySpanExporter
) -> None:
    """So has the whole turn; what did not happen has no span."""
    tracer.trace(replace(report, outcome="failed", remembered=False, reply_tokens=0))
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert "memory append" not in spans
    errors = {name for name, span in spans.items() if span.status.status_code is StatusCode.ERROR}
    assert errors == {"turn", failed}
    for name in errors:
        assert (spans[name].attributes or {})["error.type"] == report.code


def test_an_append_that_failed_has_its_code(tracer: TurnTracer, exporter: InMemorySpanExporter) -> None:
    """The reply was shown, so the turn has not failed."""
    tracer.trace(replace(ANSWERED, remembered=False, missed="memory_unreachable"))
    spans = {span.name: span for span in exporter.get_finished_spans()}
    failed = [name for name, span in spans.items() if span.status.status_code is StatusCode.ERROR]
    assert failed == ["memory append"]
    assert (spans["memory append"].attributes or {})["error.type"] == "memory_unreachable"


@pytest.mark.parametrize(
    ("report", "code"),
    [(ANSWERED, None), (replace(ANSWERED, code="turn_conflict", missed="turn_conflict"), "turn_conflict")],
)
def test_a_reply_that_was_complete_when_its_worker_died_is_only_appended(
    report: TurnReport, code: str | None, tracer: TurnTracer, exporter: InMemorySpanExporter
) -> None:
    """The worker that took it over neither loads the memory nor asks the model."""
    tracer.trace(replace(report, generation=2, loaded=None, asked=None, first=None, whole=None))
    append, turn = exporter.get_finished_spans()
    assert (append.name, turn.name) == ("memory append", "turn")
    assert seconds(append) == seconds(turn) == (0, 2.5)
    assert {(span.attributes or {}).get("error.type") for span in (append, turn)} == {code}


def test_a_reply_that_was_empty_when_its_worker_died_has_no_steps(
    tracer: TurnTracer, exporter: InMemorySpanExporter
) -> None:
    """The worker that took it over has nothing to append."""
    failed = replace(ANSWERED, outcome="failed", code="model_silent", remembered=False)
    tracer.trace(replace(failed, generation=2, loaded=None, asked=None, first=None, whole=None))
    assert [span.name for span in exporter.get_finished_spans()] == ["turn"]


def test_no_span_has_text(tracer: TurnTracer, exporter: InMemorySpanExporter) -> None:
    """What was said is in none of them."""
    tracer.trace(ANSWERED)
    assert all(SAID not in span.to_json() for span in exporter.get_finished_spans())


async def test_a_collector_that_is_away_delays_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process waits for it only a moment."""

    class Stuck(SpanExporter):
        def export(self, spans: object) -> SpanExportResult:
            return SpanExportResult.SUCCESS

        def shutdown(self) -> None:
            stuck.wait(60)

    stuck = Event()
    monkeypatch.setattr(tracing, "PATIENCE", 0.01)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Stuck()))
    await TurnTracer(provider).aclose()
    stuck.set()


def test_the_documents_name_every_attribute_of_its_own(tracer: TurnTracer, exporter: InMemorySpanExporter) -> None:
    """Those of OpenTelemetry's conventions are described there."""
    tracer.trace(ANSWERED)
    page = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
    own = {name for span in exporter.get_finished_spans() for name in span.attributes or () if "gen_ai" not in name}
    assert {name for name in own if f"`{name}`" not in page and f"`.{name.rpartition('.')[2]}`" not in page} == set()
