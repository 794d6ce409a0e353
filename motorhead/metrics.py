"""Counters, gauges and histograms in Prometheus's text format. Counting costs one dictionary look-up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

#: Upper bounds of the histograms, in seconds.
REDIS_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
MODEL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Counter:
    """Counts upwards, separately for each combination of label values."""

    kind = "counter"

    def __init__(self, name: str, text: str, labels: tuple[str, ...] = ()) -> None:
        self.name, self.text, self._labels = name, text, labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0}

    def add(self, amount: float = 1, *labels: str) -> None:
        """Add ``amount``."""
        self._values[labels] = self._values.get(labels, 0) + amount

    def lines(self) -> Iterator[str]:
        """One sample per combination of label values."""
        for values, count in sorted(self._values.items()):
            pairs = ",".join(f'{name}="{value}"' for name, value in zip(self._labels, values, strict=True))
            yield f"{self.name}{{{pairs}}} {count}" if pairs else f"{self.name} {count}"


class Gauge:
    """A value that is computed at each scrape."""

    kind = "gauge"

    def __init__(self, name: str, text: str, value: Callable[[], float]) -> None:
        self.name, self.text, self._value = name, text, value

    def lines(self) -> Iterator[str]:
        """The sample."""
        yield f"{self.name} {self._value()}"


class Histogram:
    """Counts durations (seconds) in buckets."""

    kind = "histogram"

    def __init__(self, name: str, text: str, buckets: tuple[float, ...]) -> None:
        self.name, self.text, self._buckets = name, text, buckets
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self._counts[bisect_left(self._buckets, seconds)] += 1
        self._sum += seconds

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the duration of the block, even if it fails."""
        began = monotonic()
        try:
            yield
        finally:
            self.observe(monotonic() - began)

    def lines(self) -> Iterator[str]:
        """The cumulative buckets, the sum and the count."""
        total = 0
        for bound, count in zip(self._buckets, self._counts, strict=False):
            total += count
            yield f'{self.name}_bucket{{le="{bound:g}"}} {total}'
        total += self._counts[-1]
        yield f'{self.name}_bucket{{le="+Inf"}} {total}'
        yield f"{self.name}_sum {self._sum:.6f}"
        yield f"{self.name}_count {total}"


class Metrics:
    """All metrics of one process."""

    def __init__(self) -> None:
        self.requests = Counter("motorhead_requests_total", "Requests, by call and status.", ("call", "status"))
        self.appends = Counter("motorhead_appends_total", "Accepted appends.")
        self.messages = Counter("motorhead_messages_total", "Accepted messages.")
        self.folds = Counter("motorhead_folds_total", "Attempts to fold a session, by outcome.", ("outcome",))
        self.folded = Counter("motorhead_folded_messages_total", "Messages folded into a summary.")
        self.refused = Counter("motorhead_summaries_refused_total", "Model answers that were not a summary.")
        self.tokens = Counter("motorhead_model_tokens_total", "Tokens reported by models.", ("kind",))
        self.indexed = Counter("motorhead_indexed_messages_total", "Messages embedded.")
        self.dropped_messages = Counter("motorhead_retention_messages_total", "Folded messages dropped for their age.")
        self.dropped_versions = Counter(
            "motorhead_retention_versions_total", "Versions of summaries dropped with their messages."
        )
        self.dropped_sessions = Counter("motorhead_retention_sessions_total", "Idle sessions dropped.")
        self.redis = Histogram("motorhead_redis_seconds", "Time from a command to Redis's reply.", REDIS_BUCKETS)
        self.summary = Histogram("motorhead_summary_model_seconds", "Time for one summary.", MODEL_BUCKETS)
        self.embedding = Histogram(
            "motorhead_embedding_model_seconds", "Time for one batch of embeddings.", MODEL_BUCKETS
        )
        self._gauges: list[Gauge] = []

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Add a gauge that shows ``value()``."""
        self._gauges.append(Gauge(name, text, value))

    def render(self) -> bytes:
        """All metrics in Prometheus's text format."""
        counted = [value for value in vars(self).values() if isinstance(value, Counter | Histogram)]
        lines: list[str] = []
        for metric in [*counted, *self._gauges]:
            lines += [f"# HELP {metric.name} {metric.text}", f"# TYPE {metric.name} {metric.kind}"]
            lines += metric.lines()
        return ("\n".join(lines) + "\n").encode()
