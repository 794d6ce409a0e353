"""The metrics of a memory server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from telemetry.exposition import Family, exposition
from telemetry.loop_lag import LAG_BUCKETS
from telemetry.metrics import Registry
from telemetry.process import add_process_metrics
from telemetry.siblings import Siblings

#: Upper bounds of the histograms, in seconds.
REDIS_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
MODEL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
#: What a fold can come to: done, none needed, another one under way or in between; or what failed.
FOLD_OUTCOMES = ("done", "nothing", "busy", "stale", "store failed", "model failed", "refused")


class Metrics:
    """All metrics of one process.

    ``process``: its name, a label of each sample, if there are others behind its port; they meet in ``siblings``.
    """

    def __init__(self, process: str = "", siblings: Path | None = None) -> None:
        self._own = {"process": process} if process else {}
        self._siblings = None if siblings is None else Siblings(siblings, self._collect)
        self.registry = registry = Registry()
        counter, histogram = registry.counter, registry.histogram
        self.requests = counter("motorhead_requests_total", "Requests, by call and status.", "call", "status")
        self.appends = counter("motorhead_appends_total", "Accepted appends.")
        self.messages = counter("motorhead_messages_total", "Accepted messages.")
        self.folds = counter("motorhead_folds_total", "Attempts to fold a session, by outcome.", "outcome")
        self.folded = counter("motorhead_folded_messages_total", "Messages folded into a summary.")
        self.refused = counter("motorhead_summaries_refused_total", "Model answers that were not a summary.")
        self.tokens = counter("motorhead_model_tokens_total", "Tokens reported by models.", "kind")
        self.indexed = counter("motorhead_indexed_messages_total", "Messages embedded.")
        self.dropped_messages = counter("motorhead_retention_messages_total", "Folded messages dropped for their age.")
        self.dropped_versions = counter(
            "motorhead_retention_versions_total", "Versions of summaries dropped with their messages."
        )
        self.dropped_sessions = counter("motorhead_retention_sessions_total", "Idle sessions dropped.")
        self.redis = histogram("motorhead_redis_seconds", "Time from a command to Redis's reply.", REDIS_BUCKETS)
        self.summary = histogram("motorhead_summary_model_seconds", "Time for one summary.", MODEL_BUCKETS)
        self.embedding = histogram(
            "motorhead_embedding_model_seconds", "Time for one batch of embeddings.", MODEL_BUCKETS
        )

        self.loop_lag = histogram(
            "motorhead_loop_lag_seconds", "How late the event loop is, once a second.", LAG_BUCKETS
        )
        add_process_metrics(registry)
        for outcome in FOLD_OUTCOMES:
            self.folds.begin(outcome)

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Add a gauge that shows ``value()``."""
        self.registry.gauge(name, text, value)

    def render(self) -> bytes:
        """All metrics of this process in Prometheus's text format."""
        return exposition(self.registry.families(self._own))

    async def shown(self) -> bytes:
        """The same of all processes behind the port."""
        return self.render() if self._siblings is None else exposition(await self._siblings.gather())

    async def answer_siblings(self) -> None:
        """Show this process's metrics to the others, until cancelled. Without others, return at once."""
        if self._siblings is not None:
            await self._siblings.keep_answering()

    async def _collect(self) -> list[Family]:
        return self.registry.families(self._own)
