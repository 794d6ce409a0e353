"""Two sites on a Redis Cluster behind nginx, where any process is killed every two seconds, or all are restarted.

    python -m benchmarks.chaos [--people 60] [--turns 8] [--every 2] [--kills 20] [--seed 1] [--rolling] [--json FILE]

Each site has two web workers and a memory server; nginx gives each connection to the next worker. The cluster has three
primaries with a replica each. People talk over websockets, every sixth over HTTP. On the way a primary fails over
and slots move. Then each session is read back: every turn that was remembered must be there once, in order, with the
text that its client shows, and the summary must have taken in each folded message once.

With ``--rolling`` nothing is killed: the web workers and the memory server of each site are restarted, with 20 seconds
for the turns under way. Then no turn may fail, and the model must not be asked twice for any.

It takes about two minutes. The exit status is 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.loopback import machine
from tests.support.machines.scenarios import Outcome, Size, rolling, weather
from tests.support.servers import PROXIES


def main() -> int:
    """Run a scenario. Returns 0 if nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=Size.people)
    parser.add_argument("--turns", type=int, default=Size.turns, help="turns of each")
    parser.add_argument("--every", type=float, default=Size.every, help="seconds between two kills")
    parser.add_argument("--kills", type=int, default=Size.kills, help="the least kills")
    parser.add_argument("--seed", type=int, default=Size.seed, help="decides who is killed")
    parser.add_argument("--rolling", action="store_true", help="restart instead of killing")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    size = Size(options.people, options.turns, every=options.every, kills=options.kills, seed=options.seed)
    for name in PROXIES:
        os.environ.pop(name, None)
    print(machine(), flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        outcome = asyncio.run((rolling if options.rolling else weather)(Path(folder), size))
    found = figures(outcome, time.monotonic() - began)
    show(found)
    wrong = wrongs(outcome, rolling=options.rolling)
    print("\n".join(wrong) or "nothing is wrong")
    if options.json:
        options.json.write_text(json.dumps({**found, "wrong": wrong}, indent=1))
    return 1 if wrong else 0


def figures(outcome: Outcome, seconds: float) -> dict[str, object]:
    """What happened, by name."""
    return {
        "seconds": round(seconds),
        "killed": dict(sorted(outcome.killed.items())),
        "slots with keys that were moved": outcome.moved,
        "turns remembered": sum(len(person.remembered) for person in outcome.people),
        "turns refused in a sentence": dict(outcome.failures),
        "replies marked as not remembered": outcome.unsure,
        "replies for which the model was asked again": sum(count > 1 for count in outcome.asked.values()),
        "starts that failed while a node was away": sum(map(len, outcome.ended.values())),
        "messages read back": outcome.ledger.messages,
        "of them in summaries": outcome.ledger.folded,
    }


def show(found: dict[str, object]) -> None:
    """Print one figure a line."""
    for name, value in found.items():
        counts = isinstance(value, dict) and [f"{count} × {each}" for each, count in value.items()]
        print(f"{name:<46}{', '.join(counts) if counts else value or 0}")


def wrongs(outcome: Outcome, *, rolling: bool) -> list[str]:
    """A sentence for each thing that is wrong."""
    found = list(outcome.ledger.faults)
    if rolling:
        found += [f"{name} ended by itself, with status {statuses}" for name, statuses in outcome.ended.items()]
        found += [f"{count} turns failed ({code})" for code, count in outcome.failures.items()]
        found += [f"the model was asked {count} times for {turn}" for turn, count in outcome.asked.items() if count > 1]
        found += [f"{outcome.unsure} replies were not remembered"] * (outcome.unsure > 0)
    return found


if __name__ == "__main__":
    sys.exit(main())
