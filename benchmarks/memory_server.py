"""The memory server as it ships, beside the smallest such server and beside other commits, in the same run.

    python -m benchmarks.memory_server [--against COMMIT]… [--clients 16]… [--seconds 2] [--rounds 3] [--json FILE]

A turn is a GET memory and a POST of a pair of messages of 200 characters. As under `scripts/serve`, Valkey has every
write on disk before it answers, and a window holds 12 messages. The servers are measured one after the other, in
several rounds, on the same Valkey (each in a database of its own):

* not folding (MOTORHEAD_FOLD=off), beside a baseline that sends the same commands through redis-py's pool
  (`memory_baseline.py`);
* folding, with a model on loopback that answers at once.

The table shows the medians: requests a second, p50 and p99 of a request in ms, and CPU µs a request, of the server
and of Valkey. The last rows compare this checkout with the others; the exit status is 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.commits import checked_out
from benchmarks.loopback import machine
from benchmarks.memory_stack import (
    SESSIONS,
    Measured,
    fill,
    flushes,
    measure,
    median,
    memory_server,
    wait_until_folded,
)
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import REPOSITORY, Server, free_port, running, start, start_valkey, wait_for_http

SUMMARY = "Bob asked where the amplifiers are; they are behind the drums. " * 3
HERE, BASELINE = "this checkout", "baseline"
OFF, FOLDING = "not folding", "folding"
#: Times the requests a second of another commit that are wanted; or else the most µs of CPU a request.
TARGETS = {OFF: 1.25, FOLDING: 1.4}
ENOUGH = 115.0
#: By how much the p99 of the same server differs between two runs.
NOISE = 1.1

#: By kind of load, clients and server.
Results = dict[tuple[str, int, str], Measured]


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
    with running(server):
        wait_for_http(server)
        yield server


class Benchmark:
    """Measures the work ``trees``, by name, on one Valkey."""

    def __init__(self, folder: Path, trees: dict[str, Path], seconds: float, rounds: int) -> None:
        self._folder = folder
        self._trees = trees
        self._seconds = seconds
        self._rounds = rounds
        self.results: Results = {}

    def run(self, valkey: Server, model: str, clients: list[int]) -> None:
        """Measure all servers, at first without folding."""
        self._kind(valkey, OFF, clients, {"MOTORHEAD_FOLD": "off"})
        self._kind(valkey, FOLDING, clients, {"OPENAI_BASE_URL": model})

    def _kind(self, valkey: Server, kind: str, clients: list[int], settings: dict[str, str]) -> None:
        with ExitStack() as stack:
            servers: dict[str, Server] = {}
            if kind == OFF:
                servers[BASELINE] = stack.enter_context(baseline(f"{valkey.url}/15", self._folder))
            for number, (name, tree) in enumerate(self._trees.items()):
                url, log = f"{valkey.url}/{number}", self._folder / f"{kind}-{number}.log"
                servers[name] = stack.enter_context(memory_server(tree, url, log, **settings))
                fill(servers[name], "warm", 13)  # the first fold of a process imports the model's client
                wait_until_folded(servers[name], ["warm"], 30)
            for many in clients:
                self._rounds_of(valkey, servers, kind, many)

    def _rounds_of(self, valkey: Server, servers: dict[str, Server], kind: str, clients: int) -> None:
        """Measure the servers in turn, so that a drift of the machine affects all."""
        found: dict[str, list[Measured]] = {name: [] for name in servers}
        for number in range(self._rounds):
            for name, server in servers.items():
                prefix = f"{kind[0]}{clients}-{number}-"
                found[name].append(measure(server, valkey, clients, self._seconds, prefix, SESSIONS))
                if kind == FOLDING:
                    wait_until_folded(server, [f"{prefix}{i}" for i in range(SESSIONS)], 60)
        for name, rounds in found.items():
            self.results[kind, clients, name] = row = median(rounds)
            label = f"{kind}, {clients} clients, {name}"
            figures = f"{row.rate:>8.0f} {row.p50:>7.2f} {row.p99:>7.2f} {row.cpu:>7.0f} {row.valkey:>7.0f}"
            print(f"{label:<44} {figures}", flush=True)


def verdicts(results: Results) -> Iterator[tuple[str, bool]]:
    """Each comparison in words, and whether it meets its target."""
    for (kind, clients, name), other in results.items():
        own = results[kind, clients, HERE]
        if name == HERE:
            continue
        ratio, met = own.rate / other.rate, True
        if name != BASELINE:
            met = (ratio >= TARGETS[kind] or own.cpu <= ENOUGH) and own.p99 <= max(other.p99 * NOISE, 8)
        yield (
            f"{kind}, {clients} clients, over {name}: {ratio:.2f} × the requests a second, "
            f"{own.cpu / other.cpu:.2f} × the CPU, {own.p99 / other.p99:.2f} × the p99",
            met,
        )


def run(options: argparse.Namespace) -> Results:
    """All measurements, printed as they are made."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="memory-benchmark-")))
        trees = {HERE: REPOSITORY}
        for commit in options.against:
            trees[commit] = stack.enter_context(checked_out(commit))
        valkey = stack.enter_context(running(start_valkey(folder)))
        model = stack.enter_context(ScriptedOpenAI(default=lambda request: Reply(SUMMARY, delay=options.delay)))
        rate, p50, p99 = flushes(folder, 1500)
        print(machine())
        print(f"the disk alone: {rate:.0f} writes of 1,500 bytes with fsync a second, p50 {p50:.2f}, p99 {p99:.2f} ms")
        print(f"{'':<44} {'req./s':>8} {'p50 ms':>7} {'p99 ms':>7} {'CPU µs':>7} {'Valkey':>7}")
        benchmark = Benchmark(folder, trees, options.seconds, options.rounds)
        benchmark.run(valkey, model.url, options.clients or [16])
        return benchmark.results


def main() -> int:
    """Run the benchmark. Returns 0 if every target was met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", action="append", default=[], metavar="COMMIT", help="another commit to measure")
    parser.add_argument("--clients", action="append", type=int, help="how many clients at once (16)")
    parser.add_argument("--seconds", type=float, default=2.0, help="the length of one measurement (2)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each server (3)")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds in which the model answers (0)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = run(options)
    if options.json:
        named = {f"{kind}, {clients}, {name}": asdict(row) for (kind, clients, name), row in results.items()}
        options.json.write_text(json.dumps(named, indent=1))
    found = list(verdicts(results))
    for sentence, met in found:
        print(("met     " if met else "MISSED  ") + sentence)
    return 0 if all(met for _, met in found) else 1


if __name__ == "__main__":
    sys.exit(main())
