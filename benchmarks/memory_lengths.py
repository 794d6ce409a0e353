"""The memory server on one session of 10, 1,000 or 100,000 messages: its length must make no difference.

    python -m benchmarks.memory_lengths [--quick] [--seconds 1.5] [--rounds 3]

All clients do turns on the one session, which is folded continuously, by a model that answers at once. The exit status
is 1 if the median time of a request on a long session exceeds that on a short one by a fifth.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.memory_stack import Measured, fill, measure, median, memory_server, wait_until_folded
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import REPOSITORY, Server, running, start_valkey

SUMMARY = "Bob asked where the amplifiers are; they are behind the drums. " * 3
#: Times the short session's median that a long one's may be.
TARGET = 1.2
SHORT = 10


def by_length(
    server: Server, valkey: Server, clients: int, lengths: list[int], seconds: float, rounds: int
) -> dict[int, Measured]:
    """The medians by the number of messages at first.

    The load lengthens all sessions equally; the short one is replaced by a new one each time.
    """
    found: dict[int, list[Measured]] = {length: [] for length in lengths}
    for number in range(rounds):
        for length in lengths:
            prefix = f"long{length}-" if length > SHORT else f"short{clients}-{number}-"
            if length == SHORT:
                fill(server, f"{prefix}0", length)
            found[length].append(measure(server, valkey, clients, seconds, prefix, 1))
    return {length: median(rows) for length, rows in found.items()}


def run(seconds: float, rounds: int, quick: bool) -> float:
    """The worst ratio of a long session's median to the short one's. Prints each measurement."""
    lengths = [SHORT, 1_000] if quick else [SHORT, 1_000, 100_000]
    worst = 0.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="memory-benchmark-")))
        valkey = stack.enter_context(running(start_valkey(folder)))
        model = stack.enter_context(ScriptedOpenAI(default=lambda request: Reply(SUMMARY)))
        settings = {"OPENAI_BASE_URL": model.url, "MOTORHEAD_FOLD_CHARACTERS": "200000"}
        server = stack.enter_context(
            memory_server(REPOSITORY, valkey.url, folder / "memory.log", **settings),
        )
        for length in lengths[1:]:
            fill(server, f"long{length}-0", length)
            wait_until_folded(server, [f"long{length}-0"], 120)
        print(f"{'':<34} {'req./s':>8} {'p50 ms':>8} {'p99 ms':>8} {'CPU µs':>8}")
        for clients in [1] if quick else [1, 16, 64]:
            rows = by_length(server, valkey, clients, lengths, seconds, rounds)
            for length, row in rows.items():
                label = f"{length:,} messages, {clients} clients"
                print(f"{label:<34} {row.rate:>8.0f} {row.p50:>8.2f} {row.p99:>8.2f} {row.cpu:>8.0f}", flush=True)
            worst = max(worst, *(rows[length].p50 / rows[SHORT].p50 for length in lengths[1:]))
    return worst


def main() -> int:
    """Run the benchmark. Returns 0 if the target was met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one client, no session of 100,000")
    options = parser.parse_args()
    worst = run(options.seconds, options.rounds, options.quick)
    met = worst <= TARGET
    print(f"{'met    ' if met else 'MISSED '} the median of a long session is {worst:.2f} × that of a short one")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
