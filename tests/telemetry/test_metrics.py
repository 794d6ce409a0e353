"""Counters, gauges and histograms."""

from __future__ import annotations

import pytest

from telemetry.metrics import Counter, Gauge, Histogram, Registry


def test_a_counter_counts_apart_by_its_labels() -> None:
    """Each combination of labels has its own sample; a counter without labels starts at 0."""
    calls = Counter("calls", "", "call", "status")
    for _ in range(2):
        calls.add(1, "GET /", "200")
    calls.add(3, "GET /", "503")
    assert list(calls.samples()) == ['calls{call="GET /",status="200"} 2', 'calls{call="GET /",status="503"} 3']
    assert list(Counter("plain", "").samples()) == ["plain 0"]


def test_a_label_can_begin_at_zero() -> None:
    """What was counted before is kept."""
    calls = Counter("calls", "", "status")
    calls.begin("200")
    calls.add(2, "200")
    calls.begin("200")
    assert list(calls.samples()) == ['calls{status="200"} 2']


def test_large_counts_are_exact() -> None:
    """Even above a million, every increment shows."""
    counter = Counter("c", "")
    counter.add(1_234_567)
    counter.add()
    assert list(counter.samples()) == ["c 1234568"]
    assert list(Gauge("g", "", lambda: 12_345_678.25).samples()) == ["g 12345678.25"]


def test_a_gauge_is_computed_at_each_scrape() -> None:
    """A gauge with labels has a sample for each combination that there is at the moment."""
    open_now: dict[tuple[str, ...], float] = {("page",): 2, ("api",): 0}
    gauge = Gauge("sockets", "", lambda: open_now, "door")
    assert list(gauge.samples()) == ['sockets{door="page"} 2', 'sockets{door="api"} 0']
    del open_now["page",]
    assert list(gauge.samples()) == ['sockets{door="api"} 0']


def test_a_histogram_adds_its_buckets_up() -> None:
    """Each bucket counts durations up to its bound, and the last one counts all."""
    times = Histogram("times", "", (0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7):
        times.observe(seconds)
    assert list(times.samples()) == [
        'times_bucket{le="0.1"} 2', 'times_bucket{le="1"} 3', 'times_bucket{le="+Inf"} 4',
        "times_sum 7.650000", "times_count 4",
    ]  # fmt: skip


def test_a_histogram_counts_apart_by_its_labels() -> None:
    """Each combination of labels has buckets of its own, and none before its first duration."""
    times = Histogram("times", "", (1.0,), "call")
    assert list(times.samples()) == []
    times.observe(0.5, "load")
    times.observe(2, "append")
    lines = list(times.samples())
    assert 'times_bucket{call="load",le="1"} 1' in lines
    assert 'times_bucket{call="append",le="1"} 0' in lines
    assert 'times_count{call="append"} 1' in lines


def test_what_fails_is_timed_too() -> None:
    """A block that raises is counted like any other."""
    times = Histogram("times", "", (60.0,))
    with pytest.raises(ValueError, match="x"), times.timed():
        raise ValueError("x")
    assert 'times_bucket{le="60"} 1' in list(times.samples())


def test_the_labels_of_the_process_are_on_every_sample() -> None:
    """They come before those of the metric."""
    registry = Registry()
    registry.counter("calls", "Calls.", "status").add(1, "200")
    registry.histogram("times", "Times.", (1.0,))
    registry.gauge("cpu", "Seconds.", lambda: 1.5, kind="counter")
    calls, times, cpu = registry.families({"process": "web.1"})
    assert calls.samples == ['calls{process="web.1",status="200"} 1']
    assert all('process="web.1"' in each for each in times.samples)
    assert (cpu.kind, cpu.samples) == ("counter", ['cpu{process="web.1"} 1.5'])
