"""The speed of the memory server, compared with a baseline (``memory_baseline.py``) in the same run.

    python -m benchmarks.memory_server [--seconds 3] [--rounds 3] [--quick] [--json FILE]

A turn is a GET memory and a POST of a pair. For 1, 16 and 64 clients, the table shows turns per second, p50 and p99
of a request in ms, and the server's CPU µs per request: without folding, while folding at the default window with a
scripted model (300 ms per summary), and on sessions of 10, 1,000 and 100,000 messages. The last rows say whether
each target is met; the exit status is 1 if any is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import Server, free_port, running, start, start_memory_server, start_valkey, wait_for_http

SUMMARY = "Bob asked where the amplifiers are; they are behind the drums. " * 3
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(server: Server) -> float:
    """User and system time of the process."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(server: Server, clients: int, seconds: float, prefix: str, sessions: int) -> dict[str, float]:
    """Results of loading ``server`` from a separate process: turns/s, p50, p99, worst (ms), cpu (µs per request)."""
    port = server.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "benchmarks.memory_load", port, clients, seconds, prefix, sessions]
    before = cpu_seconds(server)
    found: dict[str, float] = json.loads(
        subprocess.run([str(c) for c in command], capture_output=True, check=True).stdout
    )
    found["cpu"] = (cpu_seconds(server) - before) / found["requests"] * 1e6
    found["turns"] = found["requests"] / found["seconds"] / 2
    return found


@contextmanager
def baseline(redis_url: str, folder: Path) -> Iterator[Server]:
    """The baseline under uvicorn, with the memory server's options."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "benchmarks.memory_baseline:application", "--port", str(port),
        "--log-level", "warning", "--no-access-log", "--no-proxy-headers", "--no-date-header",
        "--no-server-header", "--loop", "uvloop", "--http", "httptools", "--lifespan", "off", "--ws", "none",
    ]  # fmt: skip
    server = start(command, f"http://127.0.0.1:{port}", log=folder / "baseline.log", env={"REDIS_URL": redis_url})
    wait_for_http(server)
    with running(server):
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
        while call(server, "GET", f"/sessions/{session}/memory")["window"]["fold"] != "idle":
            assert time.monotonic() - began < seconds, "folds did not drain in time"
            time.sleep(0.05)
    return time.monotonic() - began


def show(name: str, found: dict[str, float]) -> None:
    """Print one row of the table."""
    print(
        f"{name:<34} {found['turns']:>8.0f} {found['p50']:>8.2f} {found['p99']:>8.2f}"
        f" {found['worst']:>8.1f} {found['cpu']:>8.0f}",
        flush=True,
    )


def in_turns(servers: dict[str, Server], clients: int, seconds: float, rounds: int) -> dict[str, dict[str, float]]:
    """The medians of ``rounds`` measurements of each server, alternating so that a drift of the machine affects all."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(measure(server, clients, seconds, f"{name[:20].replace(' ', '-')}{clients}-", 64))
    return {name: {figure: median(row[figure] for row in rows) for figure in rows[0]} for name, rows in found.items()}


def by_size(
    server: Server, clients: list[int], seconds: float, rounds: int, quick: bool
) -> dict[str, dict[str, float]]:
    """The medians for each number of clients on one session that starts with few, many or very many messages.

    The load lengthens all sessions equally; the short one is replaced by a new one each time.
    """
    counts = [10, 1_000] if quick else [10, 1_000, 100_000]
    for count in counts[1:]:
        fill(server, f"size{count}-0", count)
        wait_until_folded(server, [f"size{count}-0"], 120)
    results = {}
    for many in clients:
        rows: dict[int, list[dict[str, float]]] = {count: [] for count in counts}
        for number in range(rounds):
            for count in counts:
                prefix = f"size{count}-" if count > 10 else f"few{many}-{number}-"
                if count == 10:
                    fill(server, f"{prefix}0", count)
                rows[count].append(measure(server, many, seconds, prefix, 1))
        for count in counts:
            found = {figure: median(row[figure] for row in rows[count]) for figure in rows[count][0]}
            results[f"size {count}, {many}"] = found
            show(f"one of {count:,} messages, {many} clients", found)
    return results


def run(seconds: float, rounds: int, quick: bool) -> dict[str, Any]:
    """All measurements, printed as they are made."""
    results: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="memory-benchmark-"))
    with ExitStack() as stack:
        # All fsync once a second: the benchmark measures the server, not the disk.
        valkey = stack.enter_context(running(start_valkey(folder, None, "--appendfsync", "everysec")))
        model = stack.enter_context(ScriptedOpenAI(default=lambda request: Reply(SUMMARY, delay=0.3)))
        quickly = stack.enter_context(ScriptedOpenAI(default=lambda request: Reply(SUMMARY)))

        def memory(name: str, **settings: str) -> Server:
            server = start_memory_server(valkey.url, folder / f"{name}.log", None, **settings)
            return stack.enter_context(running(server))

        servers = {
            "baseline": stack.enter_context(baseline(valkey.url, folder)),
            "no folding": memory("plain", MOTORHEAD_FOLD="off"),
            "folding": memory("folding", OPENAI_BASE_URL=model.url),
        }
        fill(servers["folding"], "warm", 13)  # the first fold of a process imports the model's client
        wait_until_folded(servers["folding"], ["warm"], 30)
        print(f"{'':<34} {'turns/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'worst':>8} {'CPU µs':>8}")
        for clients in [16] if quick else [1, 16, 64]:
            for name, found in in_turns(servers, clients, seconds, rounds).items():
                results[f"{name}, {clients}"] = found
                show(f"{name}, {clients} clients", found)
            left = [f"folding{clients}-{i}" for i in range(64)]
            results["drain"] = max(results.get("drain", 0), wait_until_folded(servers["folding"], left, 60))
        print(f"folds drained at most {results['drain']:.1f} s after a load")
        settings = {"OPENAI_BASE_URL": quickly.url, "MOTORHEAD_FOLD_CHARACTERS": "200000"}
        results |= by_size(memory("sized", **settings), [1] if quick else [1, 16, 64], seconds / 2, rounds, quick)
    return results


def verdicts(results: dict[str, Any], quick: bool) -> list[tuple[str, bool]]:
    """Each target in words, and whether it was met."""
    base, plain, folding = (results[f"{name}, 16"] for name in ("baseline", "no folding", "folding"))
    longest = 1_000 if quick else 100_000
    ratios = [
        results[f"size {longest}, {clients}"]["p50"] / results[f"size 10, {clients}"]["p50"]
        for clients in ([1] if quick else [1, 16, 64])
    ]
    return [
        (
            f"1.7 × the baseline without folding: {plain['turns'] / base['turns']:.2f}",
            plain["turns"] >= 1.7 * base["turns"],
        ),
        (
            f"1.0 × the baseline while folding: {folding['turns'] / base['turns']:.2f}",
            folding["turns"] >= base["turns"],
        ),
        (f"p99 under 15 ms while folding: {folding['p99']:.1f}", folding["p99"] < 15),
        (f"folds drain within 60 s: {results['drain']:.1f}", results["drain"] <= 60),
        (
            f"median of a long session within 1.2 × that of a short one: {', '.join(f'{r:.2f}' for r in ratios)}",
            max(ratios) <= 1.2,
        ),
    ]


def main() -> int:
    """Run the benchmark. Returns 0 if every target was met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="16 clients only, no session of 100,000")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = run(options.seconds, options.rounds, options.quick)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    said = verdicts(results, options.quick)
    for sentence, met in said:
        print(("met     " if met else "MISSED  ") + sentence)
    return 0 if all(met for _, met in said) else 1


if __name__ == "__main__":
    sys.exit(main())
