"""The metrics of a web worker. Nothing is counted for a token: a turn is counted when it has ended."""

from __future__ import annotations

from functools import cache
from itertools import product

from chat.domain.reports import OUTCOMES, TurnReport
from chat.domain.sentences import SENTENCES
from telemetry.loop_lag import LAG_BUCKETS
from telemetry.metrics import Registry
from telemetry.process import add_process_metrics

#: Upper bounds of the histograms, in seconds.
STORE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
MEMORY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
WORD_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 60.0)
TURN_BUCKETS = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)

#: Failures that are shown as 0 before the first, without which `increase()` would miss it: those of the model, by their
#: names for operators; of the memory server, in the two calls of each turn; and of a turn, by their codes.
MODEL_FAILURES = tuple(name for name in SENTENCES if name.startswith(("model_", "prompt_too_long")))
MEMORY_CALLS = ("GET memory", "POST memory")
MEMORY_FAILURES = ("memory_unreachable", "memory_refused", "memory_busy")
TURN_FAILURES = (
    *dict.fromkeys(name.partition(".")[0] for name in MODEL_FAILURES),
    *(*MEMORY_FAILURES, "run_log_unreachable", "internal"),
)


class Metrics:
    """Counters and timings of one process. The values of their labels are codes and names of this code, never ids."""

    def __init__(self) -> None:
        self.registry = registry = Registry()
        counter, histogram = registry.counter, registry.histogram
        self.turns = counter("chat_turns_total", "Turns that ended here, by outcome.", "outcome")
        self.failures = counter("chat_turn_failures_total", "Those that failed, by the error's code.", "code")
        self.unremembered = counter("chat_turns_not_remembered_total", "Those whose reply the memory did not take.")
        self.first_word = histogram(
            "chat_first_word_seconds", "From the beginning of a turn to the first word of its reply.", WORD_BUCKETS
        )
        self.turn = histogram("chat_turn_seconds", "From the beginning of a turn to its end.", TURN_BUCKETS)
        self.tokens = counter("chat_tokens_total", "Tokens of prompts and replies, estimated by characters.", "kind")
        self.taken_over = counter("chat_runs_taken_over_total", "Runs continued for a worker that had gone silent.")
        self.resumes = counter("chat_resumes_total", "Answers that a client joined after their beginning.", "door")
        self.errors = counter("chat_errors_total", "Errors reported to clients, by the error's code.", "door", "code")
        self.model_failures = counter("chat_model_failures_total", "Calls of the model that failed.", "code")
        self.memory = histogram(
            "chat_memory_seconds", "Time for a request to the memory server.", MEMORY_BUCKETS, "call"
        )
        self.memory_failures = counter("chat_memory_failures_total", "Requests to it that failed.", "call", "code")
        self.store = histogram("chat_redis_seconds", "Time from a command to Redis's reply.", STORE_BUCKETS)
        self.store_outages = counter("chat_redis_outages_total", "Commands that Redis did not carry out.")
        self.loop_lag = histogram("chat_loop_lag_seconds", "How late the event loop is, once a second.", LAG_BUCKETS)
        add_process_metrics(registry)
        for outcome in OUTCOMES:
            self.turns.begin(outcome)
        for kind in ("prompt", "reply"):
            self.tokens.begin(kind)
        for code in TURN_FAILURES:
            self.failures.begin(code)
        for name in MODEL_FAILURES:
            self.model_failures.begin(name)
        for call, code in product(MEMORY_CALLS, MEMORY_FAILURES):
            self.memory_failures.begin(call, code)

    def end_turn(self, report: TurnReport) -> None:
        """Count a turn that has ended."""
        self.turns.add(1, report.outcome)
        if report.code:
            self.failures.add(1, report.code)
        elif report.reply_tokens and not report.remembered:
            self.unremembered.add()
        if report.first is not None:
            self.first_word.observe(report.first)
        self.turn.observe(report.ended)
        self.tokens.add(report.prompt_tokens, "prompt")
        self.tokens.add(report.reply_tokens, "reply")

    def answer_of_memory(self, call: str, seconds: float, code: str) -> None:
        """Count a request to the memory server; ``code``: that of the error with which it failed, or ""."""
        self.memory.observe(seconds, call)
        if code:
            self.memory_failures.add(1, call, code)


@cache
def metrics() -> Metrics:
    """This process's metrics."""
    return Metrics()
