"""Metrics in Prometheus's text format."""

from __future__ import annotations

import pytest

from motorhead.metrics import Counter, Histogram, Metrics


def test_a_counter_counts_apart_by_its_labels() -> None:
    """Each combination of labels has its own sample; a counter without labels starts at 0."""
    calls = Counter("calls", "", ("call", "status"))
    for _ in range(2):
        calls.add(1, "GET /", "200")
    calls.add(3, "GET /", "503")
    assert list(calls.lines()) == ['calls{call="GET /",status="200"} 2', 'calls{call="GET /",status="503"} 3']
    assert list(Counter("plain", "").lines()) == ["plain 0"]


def test_a_histogram_adds_its_buckets_up() -> None:
    """Each bucket counts durations up to its bound, and the last one counts all."""
    times = Histogram("times", "", (0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7):
        times.observe(seconds)
    assert list(times.lines()) == [
        'times_bucket{le="0.1"} 2', 'times_bucket{le="1"} 3', 'times_bucket{le="+Inf"} 4',
        "times_sum 7.650000", "times_count 4",
    ]  # fmt: skip


def test_what_fails_is_timed_too() -> None:
    """A block that raises is counted like any other."""
    times = Histogram("times", "", (60.0,))
    with pytest.raises(ValueError, match="x"), times.timed():
        raise ValueError("x")
    assert 'times_bucket{le="60"} 1' in list(times.lines())


def test_everything_is_rendered_with_its_help_and_type() -> None:
    """Each metric has its two comments before its samples; a gauge is computed at each scrape."""
    metrics, value = Metrics(), 1
    metrics.gauge("waiting", "Sessions that wait.", lambda: value)
    value = 2
    text = metrics.render().decode()
    assert "# HELP waiting Sessions that wait.\n# TYPE waiting gauge\nwaiting 2\n" in text
    assert "# TYPE motorhead_appends_total counter\nmotorhead_appends_total 0\n" in text
    assert text.count("# HELP ") == text.count("# TYPE ")
    assert text.endswith("\n")
