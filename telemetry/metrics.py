"""Counters, gauges and histograms. Counting costs one dictionary look-up, and takes no lock: it belongs to one loop."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Protocol, TypeAlias, TypeVar

from telemetry.exposition import Family, sample

#: The values of a gauge with labels, by the values of these.
Labelled: TypeAlias = Mapping[tuple[str, ...], float]
#: Labels of a process that has none.
NONE: Mapping[str, str] = {}


class Metric(Protocol):
    """One metric. ``name``, ``kind`` and ``text`` are what Prometheus shows of it."""

    name: str
    kind: str
    text: str

    def samples(self, own: Mapping[str, str] = NONE) -> Iterator[str]:
        """Its present samples, as lines. ``own``: labels of the process."""


M = TypeVar("M", bound=Metric)


class Counter:
    """Counts upwards, separately for each combination of label values."""

    kind: str = "counter"

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name, self.text, self._labels = name, text, labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0}

    def add(self, amount: float = 1, *labels: str) -> None:
        """Add ``amount``."""
        self._values[labels] = self._values.get(labels, 0) + amount

    def begin(self, *labels: str) -> None:
        """Show 0 for these label values: Prometheus does not see the first increment of what appears with it."""
        self.add(0, *labels)

    def samples(self, own: Mapping[str, str] = NONE) -> Iterator[str]:
        """One sample for each combination of label values."""
        for values, count in sorted(self._values.items()):
            yield sample(self.name, {**own, **_pairs(self._labels, values)}, str(count))


class Gauge:
    """A value that is computed at each scrape; with labels, one for each combination of their values.

    ``kind`` is "counter" for one that something else counts upwards.
    """

    def __init__(
        self, name: str, text: str, value: Callable[[], float | Labelled], *labels: str, kind: str = "gauge"
    ) -> None:
        self.name, self.text, self._value, self._labels, self.kind = name, text, value, labels, kind

    def samples(self, own: Mapping[str, str] = NONE) -> Iterator[str]:
        """The present values."""
        value = self._value()
        for values, number in value.items() if isinstance(value, Mapping) else [((), value)]:
            yield sample(self.name, {**own, **_pairs(self._labels, values)}, str(number))


class Histogram:
    """Counts durations (seconds) in buckets with these upper bounds."""

    kind: str = "histogram"

    def __init__(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> None:
        self.name, self.text, self._buckets, self._labels = name, text, buckets, labels
        self._series: dict[tuple[str, ...], _Series] = {} if labels else {(): _Series(buckets)}

    def observe(self, seconds: float, *labels: str) -> None:
        """Count one duration."""
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = _Series(self._buckets)
        series.counts[bisect_left(self._buckets, seconds)] += 1
        series.sum += seconds

    @contextmanager
    def timed(self, *labels: str) -> Iterator[None]:
        """Count the duration of the block, even if it fails."""
        began = monotonic()
        try:
            yield
        finally:
            self.observe(monotonic() - began, *labels)

    def samples(self, own: Mapping[str, str] = NONE) -> Iterator[str]:
        """The cumulative buckets, the sum and the count."""
        bounds = [*(f"{bound:g}" for bound in self._buckets), "+Inf"]
        for values, series in sorted(self._series.items()):
            labels = {**own, **_pairs(self._labels, values)}
            total = 0
            for bound, count in zip(bounds, series.counts, strict=True):
                total += count
                yield sample(f"{self.name}_bucket", {**labels, "le": bound}, str(total))
            yield sample(f"{self.name}_sum", labels, f"{series.sum:.6f}")
            yield sample(f"{self.name}_count", labels, str(total))


class _Series:
    """The counts of one combination of label values."""

    __slots__ = ("counts", "sum")

    def __init__(self, buckets: tuple[float, ...]) -> None:
        self.counts = [0] * (len(buckets) + 1)
        self.sum = 0.0


class Registry:
    """All metrics of one process, in the order in which they are shown."""

    def __init__(self) -> None:
        self._metrics: list[Metric] = []

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """Add a counter."""
        return self._added(Counter(name, text, *labels))

    def gauge(
        self, name: str, text: str, value: Callable[[], float | Labelled], *labels: str, kind: str = "gauge"
    ) -> Gauge:
        """Add a gauge that shows ``value()``."""
        return self._added(Gauge(name, text, value, *labels, kind=kind))

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        """Add a histogram of durations."""
        return self._added(Histogram(name, text, buckets, *labels))

    def families(self, own: Mapping[str, str] = NONE) -> list[Family]:
        """Each metric with its present samples. ``own``: labels for all of them, which name the process."""
        return [Family(each.name, each.kind, each.text, list(each.samples(own))) for each in self._metrics]

    def _added(self, metric: M) -> M:
        self._metrics.append(metric)
        return metric


def _pairs(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(names, values, strict=True))
