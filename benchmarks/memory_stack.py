"""The servers and measurements that the memory server's benchmarks share."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.loopback import cpu_seconds
from benchmarks.stack import port_of
from tests.support.servers import Server, free_port, running, start, wait_for_http

#: Sessions under load at once.
SESSIONS = 64


@dataclass(frozen=True)
class Measured:
    """One measurement. ``p50``, ``p99``: ms of a request; ``cpu``, ``valkey``: µs of the process a request."""

    rate: float
    p50: float
    p99: float
    cpu: float
    valkey: float


def measure(server: Server, valkey: Server, clients: int, seconds: float, prefix: str, sessions: int) -> Measured:
    """The result of loading ``server`` from a separate process."""
    command = [sys.executable, "-m", "benchmarks.memory_load", port_of(server), clients, seconds, prefix, sessions]
    pids = (server.process.pid, valkey.process.pid)
    before = [cpu_seconds(pid) for pid in pids]
    found = json.loads(subprocess.run([str(word) for word in command], capture_output=True, check=True).stdout)
    own, others = (
        (cpu_seconds(pid) - start) / found["requests"] * 1e6 for pid, start in zip(pids, before, strict=True)
    )
    return Measured(found["requests"] / found["seconds"], found["p50"], found["p99"], own, others)


def median(measurements: list[Measured]) -> Measured:
    """The median of each figure."""
    names = Measured.__dataclass_fields__
    return Measured(**{name: statistics.median(getattr(one, name) for one in measurements) for name in names})


@contextmanager
def memory_server(tree: Path, redis_url: str, log: Path, **settings: str) -> Iterator[Server]:
    """The memory server of the work tree ``tree``. It never searches for missed folds: these are other servers'."""
    port = str(free_port())
    environment = {
        "PORT": port, "MOTORHEAD_PORT": port, "REDIS_URL": redis_url, "MOTORHEAD_SWEEP_SECONDS": "86400",
        "PYTHONPATH": str(tree), **settings,
    }  # fmt: skip
    command = [sys.executable, "-m", "motorhead"]
    server = start(command, f"http://127.0.0.1:{port}", log=log, env=environment, cwd=tree)
    with running(server):
        wait_for_http(server)
        yield server


def call(server: Server, method: str, path: str, body: object = None) -> Any:
    """The JSON answer to one request."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback server
        server.url + path,
        json.dumps(body).encode() if body is not None else None,
        {"Content-Type": "application/json"},
        method=method,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)


def fill(server: Server, session: str, count: int) -> None:
    """Append ``count`` messages to ``session``."""
    for first in range(0, count, 1000):
        messages = [
            {"role": ("Human", "AI")[i % 2], "content": f"message {i} about amplifiers and drums"}
            for i in range(first, min(count, first + 1000))
        ]
        call(server, "POST", f"/sessions/{session}/memory", {"messages": messages})


def wait_until_folded(server: Server, sessions: list[str], seconds: float) -> float:
    """Seconds until every window is within its size. Raises `AssertionError`: not within ``seconds``."""
    began = time.monotonic()
    for session in sessions:
        while call(server, "GET", f"/sessions/{session}/memory")["window"]["fold"] not in {"idle", "off"}:
            assert time.monotonic() - began < seconds, "folds did not drain in time"
            time.sleep(0.05)
    return time.monotonic() - began


def flushes(folder: Path, size: int, seconds: float = 1.0) -> tuple[float, float, float]:
    """Writes of ``size`` bytes with fsync that the disk of ``folder`` does in a second, and their p50 and p99 in ms."""
    times: list[float] = []
    began = time.perf_counter()
    with (folder / "flushes").open("ab", buffering=0) as file:
        while time.perf_counter() - began < seconds:
            start = time.perf_counter()
            file.write(bytes(size))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    times.sort()
    p50, p99 = (times[int((len(times) - 1) * share)] * 1000 for share in (0.5, 0.99))
    return len(times) / (time.perf_counter() - began), p50, p99
