"""Where a web worker's CPU time goes in a turn, sampled by part: its beginning, its stream, its end.

    python -m benchmarks.token_profile [--chats 50] [--seconds 10]

It uses the model and load of `benchmarks.turn`, on the site only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks import stack
from benchmarks.loopback import machine
from benchmarks.sides import FIRST, PACE, one_round, site_side
from benchmarks.turn import MANY, RAMP


def profile(chats: int, seconds: float) -> tuple[dict[str, int], float]:
    """Samples by part, and the worker's CPU seconds a turn. Exits with a sentence if no turn has ended."""
    with tempfile.TemporaryDirectory(prefix="token-profile-") as name:
        folder = Path(name)
        model = stack.python("benchmarks.token_model", folder / "model.log", FIRST, PACE)
        with model as asked, stack.product(folder, f"{asked.url}/v1", program="benchmarks.sampled_daphne") as site:
            side = site_side(site)
            begin = threading.Timer(RAMP + 1, os.kill, (site.pids[0], signal.SIGUSR1))
            begin.start()
            found = one_round(side, seconds, chats=chats, **MANY)
        if not found["turns"]:
            sys.exit("No turn has ended in that time. Choose more --seconds.")
        samples: dict[str, int] = json.loads((folder / "samples.json").read_text())
    return samples, found["cpu"][0] / found["turns"]


def main() -> int:
    """Always 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print(machine())
    samples, turn = profile(options.chats, options.seconds)
    whole = sum(samples.values())
    for part, count in sorted(samples.items(), key=lambda item: -item[1]):
        print(f"{part:<48}{count / whole:>7.1%}{count / whole * turn * 1e3:>8.2f} ms a turn")
    print(f"{'together':<48}{'':>7}{turn * 1e3:>8.2f} ms a turn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
