"""How long the memory server takes to search a namespace from its newest session to its oldest.

    python -m benchmarks.search [--sessions 500] [--messages 200] [--runs 5]

Messages have 200 characters. The words are in no message, so every message is read. The baseline reads the same
messages with redis-py and looks for the words with Python's ``in``, with no other server in between. The target is a
search in under a second; the exit status is 1 if it is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import redis

from benchmarks.loopback import machine
from tests.support.servers import running, start_memory_server, start_valkey

#: The target, in seconds.
ALLOWED = 1.0
CHARACTERS = 200
VOCABULARY = ("lantern", "harbour", "willow", "copper", "meadow", "thunder", "paper", "violet", "engine", "river")
WANTED = "zebra crossing"


def main() -> int:
    """1 if the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--messages", type=int, default=200, help="in each session")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    folder = Path(tempfile.mkdtemp(prefix="search-"))
    with (
        running(start_valkey(folder, None, "--appendfsync", "no")) as valkey,
        running(start_memory_server(valkey.url, folder / "log", None, MOTORHEAD_FOLD="false")) as memory,
        httpx.Client(base_url=memory.url, trust_env=False, timeout=60) as client,
        redis.Redis.from_url(valkey.url) as store,
    ):
        fill(client, options.sessions, options.messages)
        calls = []
        searched = timed(lambda: calls.append(search(client)), options.runs)
        read = timed(lambda: read_all(store), options.runs)
    print(f"{options.sessions} sessions of {options.messages} messages, the median of {options.runs} runs:")
    print(f"  searched in {searched * 1000:6.0f} ms, in {calls[0]} calls; {searched / read:.2f} x the baseline")
    print(f"  baseline    {read * 1000:6.0f} ms")
    missed = searched > ALLOWED
    print(f"target: under {ALLOWED:g} s: {'missed' if missed else 'met'}")
    return int(missed)


def fill(client: httpx.Client, sessions: int, messages: int) -> None:
    """Write the sessions."""
    chance = random.Random(1)
    for number in range(sessions):
        said = [{"role": "Human", "content": text(chance)} for _ in range(messages)]
        client.post(f"/sessions/s{number}/memory", json={"messages": said}).raise_for_status()


def text(chance: random.Random) -> str:
    """A message's text."""
    return " ".join(chance.choices(VOCABULARY, k=CHARACTERS // 6))[:CHARACTERS]


def search(client: httpx.Client) -> int:
    """Search everything; the number of calls it took."""
    asked = {"q": WANTED}
    for calls in count(1):
        answer = client.get("/search", params=asked).raise_for_status().json()
        if answer["cursor"] is None:
            return calls
        asked["cursor"] = answer["cursor"]
    raise AssertionError("`count` does not end.")


def read_all(store: Any) -> None:
    """The baseline."""
    for key in store.scan_iter("mh:*:messages", count=1000):
        for _, fields in store.xrange(key):
            assert WANTED.encode() not in fields[b"m"].lower()


def timed(work: Callable[[], object], runs: int) -> float:
    """The median seconds of ``work``."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


if __name__ == "__main__":
    sys.exit(main())
