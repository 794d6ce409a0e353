"""What the system knows of this process."""

from __future__ import annotations

import time

from telemetry.metrics import Registry
from telemetry.process import add_process_metrics


def test_a_process_reports_what_it_uses() -> None:
    """The figures are those of this process at the moment of the scrape."""
    registry = Registry()
    add_process_metrics(registry)
    lines = [line for family in registry.families() for line in family.samples]
    found = {name: float(value) for name, value in (line.split() for line in lines)}
    assert found["process_cpu_seconds_total"] > 0
    assert found["process_resident_memory_bytes"] > 2**20
    assert found["process_open_fds"] >= 3
    assert abs(found["process_start_time_seconds"] - time.time()) < 60
