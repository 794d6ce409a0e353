"""The time that the site adds to the model's first token, compared with a minimal Channels chat in the same run.

    python -m benchmarks.first_token [--quick] [--json FILE]

*Added* is the time in ms from the moment the model sends its first token to its arrival at the client. *Asked* is the
time from the client's question to its arrival at the model; on the site, it includes loading the memory. Each side is
one Daphne process. They are measured alternately, so that a drift of the machine affects both. The benchmark only
reports: its exit status is always 0.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import stack
from benchmarks.loopback import machine
from tests.support.servers import Server

#: The model's seconds to its first token, and between tokens.
FIRST, PACE = 0.25, 0.05
#: A chat among many: tokens in an answer, and the most seconds that a person thinks between turns.
MANY = {"words": 50, "think": 2.0}
#: A single chat, which would otherwise yield too few first tokens.
ALONE = {"words": 3, "think": 0.1}
#: The target, as a multiple of the baseline, and the numbers of chats at which it applies.
ALLOWED, JUDGED = 1.3, (50, 200)
#: Exchanges in each session before the first question.
REMEMBERED = 4


@dataclass
class Measured:
    """One side at one number of chats, over all its rounds."""

    added: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0
    #: CPU seconds of the worker, and of the processes behind it.
    worker: float = 0
    behind: float = 0

    @property
    def whole(self) -> list[float]:
        """The time that the user waits for each first token, less the model's own."""
        return [asked + added for asked, added in zip(self.asked, self.added, strict=True)]

    def add(self, found: Mapping[str, Any], seconds: float) -> None:
        """Add the results of a round."""
        self.added += found["added"]
        self.asked += found["asked"]
        self.tokens += found["tokens"]
        self.seconds += seconds
        self.worker += found["cpu"][0]
        self.behind += sum(found["cpu"][1:])


@dataclass(frozen=True)
class Side:
    """One side of the comparison: its address, the protocol of its client, and the processes whose CPU time counts."""

    name: str
    plan: Mapping[str, Any]


def main() -> int:
    """Run the benchmark. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round of each, in under 40 s")
    parser.add_argument("--chats", type=int, nargs="+", help="numbers of chats: 1, 50 and 200 (quick: 1 and 200)")
    parser.add_argument("--rounds", type=int, help="rounds of each side at each number of chats")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    print(machine())
    sizes = options.chats or ([1, 200] if options.quick else [1, 50, 200])
    results = measure(sizes, options.rounds or (1 if options.quick else 2), quick=options.quick)
    show(results)
    if options.json:
        options.json.write_text(json.dumps({key: vars(value) for key, value in results.items()}, indent=1))
    return 0


def measure(sizes: Sequence[int], rounds: int, *, quick: bool) -> dict[str, Measured]:
    """The results of both sides at each size, by names like ``site, 50``."""
    results: dict[str, Measured] = {}
    ramp, seconds = (4.0, 3.0) if quick else (4.0, 8.0)
    with sides() as both:
        for chats in sizes:
            for number in range(rounds):
                # Site, baseline, baseline, site: neither side always goes first.
                for side in both if number % 2 == 0 else reversed(both):
                    found = one_round(side, chats, ramp if chats > 1 else 0.5, seconds)
                    results.setdefault(f"{side.name}, {chats}", Measured()).add(found, seconds)
    return results


def one_round(side: Side, chats: int, ramp: float, seconds: float) -> dict[str, Any]:
    """The results of the load client, which runs in a separate process."""
    plan = {**side.plan, "chats": chats, "ramp": ramp, "seconds": seconds, **(MANY if chats > 1 else ALONE)}
    command = [sys.executable, "-m", "benchmarks.token_load", json.dumps(plan)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=ramp + seconds + 60, check=False)
    if run.returncode:
        raise SystemExit(f"The load on the {side.name} failed: {run.stderr.strip()}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@contextmanager
def sides() -> Iterator[tuple[Side, Side]]:
    """The site and the baseline, with the same model."""
    with ExitStack() as up:
        folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="first-token-")))
        model = up.enter_context(stack.python("benchmarks.token_model", folder / "model.log", FIRST, PACE))
        site = up.enter_context(stack.product(folder, f"{model.url}/v1"))
        keys = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "none"}
        base = up.enter_context(stack.worker("benchmarks.token_baseline", folder / "baseline.log", keys))
        owner, headers = stack.visitor(site.web)
        remember(site.memory, owner)
        baseline = Side("baseline", _plan(base, "/", {}, product=False, pids=[base.process.pid]))
        yield site_side(site, headers), baseline


def site_side(site: stack.Product, headers: dict[str, str]) -> Side:
    """The site, as used by the visitor in ``headers``."""
    return Side("site", _plan(site.web, "/ws/v1/chat", headers, product=True, pids=site.pids))


def _plan(server: Server, path: str, headers: dict[str, str], *, product: bool, pids: list[int]) -> dict[str, Any]:
    return {"port": stack.port_of(server), "path": path, "headers": headers, "product": product, "pids": pids}


def remember(memory: Server, owner: str, sessions: int = 200) -> None:
    """Give each session a memory, so that even the first turn has something to load."""
    exchange = [
        {"role": "Human", "content": "Where is the amplifier, and who put it there?"},
        {"role": "AI", "content": "It is behind the drums, where Bob put it after the rehearsal on Tuesday. " * 3},
    ]
    body = json.dumps({"messages": exchange * REMEMBERED, "context": "The user is Bob, who plays the drums."}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for number in range(sessions):
        path = f"/sessions/{owner}.s{number}/memory?namespace=chat.{owner}"
        request = urllib.request.Request(  # noqa: S310 - our own loopback server
            memory.url + path, body, {"Content-Type": "application/json"}, method="POST"
        )
        opener.open(request, timeout=10).close()


# --- What is printed ------------------------------------------------------------------------------------------------


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of ``values`` do not exceed; NaN if ``values`` is empty."""
    return sorted(values)[int((len(values) - 1) * share)] if values else float("nan")


def show(results: Mapping[str, Measured]) -> None:
    """Print the table, the ratios and the target."""
    print(
        f"\n{'':<16}{'added ms':>19}{'asked ms':>18}{'turns':>8}{'tokens/s':>10}{'CPU µs a token':>17}"
        f"\n{'':<16}{'p50':>10}{'p99':>9}{'p50':>9}{'p99':>9}{'':>18}{'worker':>9}{'behind':>8}"
    )
    for name, found in results.items():
        times = [quantile(values, share) for values in (found.added, found.asked) for share in (0.5, 0.99)]
        tokens = max(1, found.tokens)
        print(
            f"{name:<16}{times[0]:>10.1f}{times[1]:>9.1f}{times[2]:>9.1f}{times[3]:>9.1f}{len(found.added):>8}"
            f"{found.tokens / found.seconds:>10.0f}"
            f"{found.worker / tokens * 1e6:>9.0f}{found.behind / tokens * 1e6:>8.0f}"
        )
    print()
    met = {chats: _ratios(results, chats) for chats in _sizes(results)}
    if judged := [chats for chats in JUDGED if chats in met]:
        verdict = "met" if all(met[chats] for chats in judged) else "missed"
        print(f"target: within {ALLOWED} x at {' and '.join(map(str, judged))} chats: {verdict}")


def _sizes(results: Mapping[str, Measured]) -> list[int]:
    return [int(name.rpartition(" ")[2]) for name in results if name.startswith("site")]


def _ratios(results: Mapping[str, Measured], chats: int) -> bool:
    """Print the ratios at ``chats``. Returns whether all of them are within the target."""
    site, base = results[f"site, {chats}"], results[f"baseline, {chats}"]
    added, whole = _ratio(site.added, base.added), _ratio(site.whole, base.whole)
    print(
        f"{chats:>4} chats: site / baseline, added time: p50 {added[0]:.2f}, p99 {added[1]:.2f}; "
        f"asked and added together: p50 {whole[0]:.2f}, p99 {whole[1]:.2f}"
    )
    return max(*added, *whole) <= ALLOWED


def _ratio(site: Sequence[float], base: Sequence[float]) -> list[float]:
    return [quantile(site, share) / quantile(base, share) for share in (0.5, 0.99)]


if __name__ == "__main__":
    sys.exit(main())
