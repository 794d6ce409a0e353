"""Traces of turns for OpenTelemetry, by its conventions for generative AI: ids, times and tokens, and never text.

A turn's spans are made when it has ended, from what is known of it then, so nothing is done while it streams. Import
this module only if traces are wanted: its packages are those of the extra ``otel``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from chat.domain.reports import TurnReport

#: What the traces are of, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES names something else.
SERVICE = "motorhead-chat"
#: Beginnings of the codes of the model's errors.
OF_MODEL = ("model_", "prompt_")
#: Seconds for which the end of a process waits for its last spans to be sent.
PATIENCE = 1.0


class TurnTracer:
    """Traces turns that have ended. ``provider``: makes the spans and sends them. ``system``: whose API the model has.

    A turn has a span for loading its memory, one for the model's part, and one for the append.
    """

    def __init__(self, provider: TracerProvider, system: str = "openai") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE)
        self._system = system

    def trace(self, report: TurnReport) -> None:
        """Make the spans of a turn."""
        turn = self._begun("turn", report, 0.0, _of_turn(report), SpanKind.INTERNAL)
        within = trace.set_span_in_context(turn)
        self._trace_load(report, within)
        if report.asked is not None:
            model = self._begun(f"chat {report.model}", report, report.asked, self._of_model(report), within=within)
            last = report.ended if report.whole is None else report.whole
            _end(model, report, last, report.code if report.code.startswith(OF_MODEL) else "")
        self._trace_append(report, within)
        _end(turn, report, report.ended, report.code)

    def _trace_load(self, report: TurnReport, within: Context) -> None:
        """A worker that takes a complete reply over loads nothing."""
        failed = report.code and not (report.missed or report.code.startswith(OF_MODEL))
        if report.loaded is None and not failed:
            return
        load = self._begun("memory load", report, 0.0, _of_memory(report, "GET memory"), within=within)
        if report.loaded is None:
            _end(load, report, report.ended, report.code)
        else:
            _end(load, report, report.loaded)

    def _trace_append(self, report: TurnReport, within: Context) -> None:
        """Of a worker that takes a complete reply over, the append is all there is."""
        if report.remembered or report.missed:
            attributes = _of_memory(report, "POST memory")
            append = self._begun("memory append", report, report.whole or 0.0, attributes, within=within)
            _end(append, report, report.ended, report.missed)

    async def aclose(self) -> None:
        """Send the spans that are left, in a second at most."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, PATIENCE)

    def _begun(
        self,
        name: str,
        report: TurnReport,
        at: float,
        attributes: Mapping[str, AttributeValue],
        kind: SpanKind = SpanKind.CLIENT,
        within: Context | None = None,
    ) -> Span:
        within = within if within is not None else Context()  # otherwise the span of a request, if something makes any
        return self._tracer.start_span(name, within, kind, attributes, start_time=_time(report, at))

    def _of_model(self, report: TurnReport) -> dict[str, AttributeValue]:
        found: dict[str, AttributeValue] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._system,
            "gen_ai.request.model": report.model,
            "gen_ai.request.stream": True,
            "gen_ai.conversation.id": report.turn.session.memory_id,
            "gen_ai.usage.input_tokens": report.prompt_tokens,
            "gen_ai.usage.output_tokens": report.reply_tokens,
            "motorhead_chat.tokens.estimated": True,
            "motorhead_chat.attempts": report.attempts,
        }
        if report.first is not None and report.asked is not None:
            found["gen_ai.response.time_to_first_chunk"] = round(report.first - report.asked, 4)
        if report.outcome in {"answered", "cut"}:
            found["gen_ai.response.finish_reasons"] = (report.cut or "stop",)
        return found


def tracer(system: str) -> TurnTracer:
    """A tracer whose spans go where OpenTelemetry's own variables say."""
    resource = Resource({"service.name": SERVICE}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)  # a collector that is away delays no end
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return TurnTracer(provider, system)


def _of_turn(report: TurnReport) -> dict[str, AttributeValue]:
    return {
        "gen_ai.conversation.id": report.turn.session.memory_id,
        "motorhead_chat.turn.id": report.turn.turn_id,
        "motorhead_chat.turn.outcome": report.outcome,
        "motorhead_chat.turn.remembered": report.remembered,
        "motorhead_chat.turn.generation": report.generation,
        "motorhead_chat.turn.worker": report.turn.worker,
    }


def _of_memory(report: TurnReport, call: str) -> dict[str, AttributeValue]:
    return {"gen_ai.conversation.id": report.turn.session.memory_id, "motorhead_chat.memory.call": call}


def _end(span: Span, report: TurnReport, at: float, code: str = "") -> None:
    """End the span of a step. ``code``: that of the error with which it failed, or ""."""
    if code:
        span.set_status(Status(StatusCode.ERROR))
        span.set_attribute("error.type", code)
    span.end(_time(report, at))


def _time(report: TurnReport, seconds: float) -> int:
    """A moment of the turn, in nanoseconds since 1970."""
    return int((report.begun + seconds) * 1_000_000_000)
