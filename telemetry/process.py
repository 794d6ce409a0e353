"""What the system knows of this process, under the names that all clients of Prometheus use."""

from __future__ import annotations

import os
import time
from pathlib import Path

from telemetry.metrics import Registry


def add_process_metrics(registry: Registry) -> None:
    """Add processor time, memory, open files and the time of the start."""
    started = time.time()
    registry.gauge("process_cpu_seconds_total", "Seconds of processor time.", _cpu, kind="counter")
    registry.gauge("process_resident_memory_bytes", "Memory in use, with what is shared.", _resident)
    registry.gauge("process_open_fds", "Open files and sockets.", lambda: len(os.listdir("/proc/self/fd")))
    registry.gauge("process_start_time_seconds", "The time of the start, in seconds since 1970.", lambda: started)


def _cpu() -> float:
    used = os.times()
    return round(used.user + used.system, 2)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
