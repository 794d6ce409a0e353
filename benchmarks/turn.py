"""What a turn costs: the CPU time of the workers, and how much later the first word comes than the model's own.

    python -m benchmarks.turn [--against COMMIT] [--chats 1 50 200] [--rounds 2] [--quick] [--json FILE]

*First word* is the time in ms from the client's question to its arrival at the model, and from the moment the model
sends its first token to its arrival at the client; on the site it includes locking the session and loading its memory.
*CPU* is that of the two workers. *Paced tokens* are those that one worker passes on in a second while more than it can
carry are streaming to it, each stream at 20 a second. *One stream* is the part of a core that a single answer takes.
A page is `GET /s/<id>` of a session of 1,000 messages.

The sides (the site, that of another commit, the smallest Channels chat) are measured in turn, by the same load client
and with the same model. The benchmark only reports: its exit status is always 0.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.loopback import cpu_seconds, machine, wake_ups
from benchmarks.sides import Side, one_round, remember, sides
from benchmarks.stack import port_of
from tests.support.cookies import owner_of

#: Seconds until all of many chats are active.
RAMP = 4.0
#: A chat among many: tokens in an answer, and the most seconds that a person thinks between turns.
MANY: dict[str, Any] = {"words": 40, "think": 2.0, "ramp": RAMP}
#: A single chat, which would otherwise yield too few first words.
ALONE: dict[str, Any] = {"words": 3, "think": 0.1, "ramp": 0.5}
#: A single long answer, and more long answers than a worker can carry.
STREAM: dict[str, Any] = {"chats": 1, "words": 120, "think": 0.0, "ramp": 1.0}
PACED: dict[str, Any] = {"chats": 240, "words": 240, "think": 0.0, "ramp": RAMP}
#: The targets: CPU ms a turn at the largest number of chats; p50 and p99 of the first word in ms, by chats.
TURN, P50, P99 = 12.0, {1: 8.0, 50: 8.0, 200: 30.0}, {200: 150.0}
#: The others: tokens a second, CPU ms of a page.
TOKENS, PAGE = 3300.0, 25.0


@dataclass
class Measured:
    """One side at one number of chats, over all its rounds."""

    words: list[float] = field(default_factory=list)
    turns: int = 0
    tokens: int = 0
    seconds: float = 0
    cpu: float = 0

    def add(self, found: Mapping[str, Any], seconds: float) -> None:
        """Add the results of a round."""
        self.words += (asked + added for asked, added in zip(found["asked"], found["added"], strict=True))
        self.turns += found["turns"]
        self.tokens += found["tokens"]
        self.seconds += seconds
        self.cpu += sum(found["cpu"])


def main() -> int:
    """Run the benchmark. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", default="", help="another commit, whose site is measured beside this one")
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    parser.add_argument("--chats", type=int, nargs="+", help="numbers of chats: 1, 50 and 200 (quick: 1 and 200)")
    parser.add_argument("--rounds", type=int, help="rounds of each side at each number of chats")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    print(machine())
    sizes = options.chats or ([1, 200] if options.quick else [1, 50, 200])
    rounds, seconds = options.rounds or (1 if options.quick else 2), 5.0 if options.quick else 10.0
    with sides(2, options.against) as all_sides:
        results = measure(all_sides, sizes, rounds, seconds)
        show(results)
        others = {side.name: beside(side, seconds) for side in all_sides}
    with sides(1, options.against) as all_sides:
        for side in all_sides:
            paced = one_round(side, seconds, **PACED)
            others[side.name]["paced tokens/s"] = paced["tokens"] / seconds
            others[side.name]["CPU µs a paced token"] = sum(paced["cpu"]) / max(1, paced["tokens"]) * 1e6
    show_others(others)
    judge(results, others["site"])
    if options.json:
        turns = {key: vars(value) for key, value in results.items()}
        options.json.write_text(json.dumps({"turns": turns, "others": others}, indent=1))
    return 0


def measure(all_sides: Sequence[Side], sizes: Sequence[int], rounds: int, seconds: float) -> dict[str, Measured]:
    """The results of all sides at each size, by names like ``site, 50``."""
    results: dict[str, Measured] = {}
    for chats in sizes:
        for number in range(rounds):
            # Back and forth, so that a drift of the machine affects all: no side always goes first.
            for side in all_sides if number % 2 == 0 else reversed(all_sides):
                found = one_round(side, seconds, chats=chats, **(MANY if chats > 1 else ALONE))
                results.setdefault(f"{side.name}, {chats}", Measured()).add(found, seconds)
    return results


def beside(side: Side, seconds: float) -> dict[str, float]:
    """What else ``side`` costs: a single stream, nothing at all, a page."""
    found = {"CPU of one stream, %": sum(one_round(side, seconds, **STREAM)["cpu"]) / seconds * 100}
    before = [(cpu_seconds(pid), wake_ups(pid)) for pid in side.workers]
    time.sleep(seconds)
    after = [(cpu_seconds(pid), wake_ups(pid)) for pid in side.workers]
    workers = len(before) * seconds
    found["idle worker, CPU ms/s"] = sum(b[0] - a[0] for a, b in zip(before, after, strict=True)) / workers * 1000
    found["idle worker, wake-ups/s"] = sum(b[1] - a[1] for a, b in zip(before, after, strict=True)) / workers
    if side.site is not None:
        found["CPU of a page, ms"] = page_cost(side)
    return found


def page_cost(side: Side, messages: int = 1000, loads: int = 40) -> float:
    """CPU ms of the first worker for a page of a session with this number of ``messages``."""
    assert side.site is not None
    cookie = side.plan["headers"]["Cookie"]
    remember(side.site.memory, owner_of(cookie), sessions=1, exchanges=messages // 2, first=10_000)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    port, pid = port_of(side.site.web), side.workers[0]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/s/s10000", headers={"Cookie": cookie})
    before = 0.0
    for number in range(-10, loads):  # the first ones load what all share, and let the session be folded
        if number == 0:
            before = cpu_seconds(pid)
        opener.open(request, timeout=30).read()
    return (cpu_seconds(pid) - before) / loads * 1000


# --- What is printed ------------------------------------------------------------------------------------------------


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of ``values`` do not exceed; NaN if ``values`` is empty."""
    return sorted(values)[int((len(values) - 1) * share)] if values else float("nan")


def show(results: Mapping[str, Measured]) -> None:
    """Print the table of turns."""
    print(f"\n{'':<24}{'first word ms':>19}{'turns':>8}{'tokens/s':>10}{'CPU ms a turn':>15}{'µs a token':>12}")
    print(f"{'':<24}{'p50':>10}{'p99':>9}")
    for name, found in results.items():
        p50, p99 = quantile(found.words, 0.5), quantile(found.words, 0.99)
        print(
            f"{name:<24}{p50:>10.1f}{p99:>9.1f}{found.turns:>8}{found.tokens / found.seconds:>10.0f}"
            f"{found.cpu / max(1, found.turns) * 1e3:>15.2f}{found.cpu / max(1, found.tokens) * 1e6:>12.0f}"
        )


def show_others(others: Mapping[str, Mapping[str, float]]) -> None:
    """Print what else each side costs."""
    print(f"\n{'':<28}" + "".join(f"{name:>14}" for name in others))
    for what in others["site"]:
        cells = (f"{found[what]:>14.2f}" if what in found else f"{'':>14}" for found in others.values())
        print(f"{what:<28}" + "".join(cells))
    print()


def judge(results: Mapping[str, Measured], others: Mapping[str, float]) -> None:
    """Print whether each target is met by the site."""
    for name, found in results.items():
        side, _, chats = name.rpartition(", ")
        if side != "site":
            continue
        for what, share, most in (("p50", 0.5, P50), ("p99", 0.99, P99)):
            if int(chats) in most:
                verdict(f"first word at {chats} chats, {what}, ms", quantile(found.words, share), most[int(chats)])
        if int(chats) == max(P50):
            verdict(f"CPU of the workers a turn at {chats} chats, ms", found.cpu / max(1, found.turns) * 1e3, TURN)
    verdict("CPU of a page, ms", others["CPU of a page, ms"], PAGE)
    verdict("paced tokens/s of a worker", others["paced tokens/s"], TOKENS, most=False)


def verdict(what: str, value: float, target: float, *, most: bool = True) -> None:
    """Print whether a target is met."""
    met = value <= target if most else value >= target
    print(f"target: {what}: {value:.1f}, {'at most' if most else 'at least'} {target:g}: {'met' if met else 'missed'}")


if __name__ == "__main__":
    sys.exit(main())
