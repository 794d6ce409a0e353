"""Where the memory server's CPU time goes, package by package.

    python -m benchmarks.memory_profile [--seconds 5] [--fold]

Runs the server under cProfile with 16 clients doing turns. It measures CPU time rather than wall time, so that the
machine's other work does not count. The profiler slows down small functions most: read the shares, not the times.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import pstats
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import uvloop

from motorhead import config
from motorhead.server import serve
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import free_port, running, start_valkey

ROOMS = (
    "uvicorn", "redis_link", "motorhead/http/handlers", "motorhead/http", "motorhead/sessions", "motorhead/folding",
    "motorhead/recall", "motorhead/upkeep", "motorhead/store", "motorhead/model", "motorhead", "aiohttp",
)  # fmt: skip


def room_of(file: str, function: str) -> str:
    """The room of a function; C functions have rooms of their own."""
    if file == "~":
        return "hiredis (parsing replies)" if "hiredis" in function else "built-in functions"
    return next((room for room in ROOMS if f"/{room}" in file), "the rest (event loop, asyncio)")


async def profiled(profile: cProfile.Profile, settings: config.Settings, seconds: float) -> None:
    """Serve under the profiler until the load ends."""
    profile.enable()
    server = asyncio.create_task(serve(settings))
    await asyncio.sleep(0.5)
    command = [sys.executable, "-m", "benchmarks.memory_load", str(settings.port), "16", str(seconds), "p", "64"]
    load = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    print((await load.communicate())[0].decode())
    os.kill(os.getpid(), signal.SIGTERM)
    await server
    profile.disable()


def main() -> None:
    """Print each room's share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--fold", action="store_true", help="at the default window, with a scripted model")
    options = parser.parse_args()
    profile = cProfile.Profile(time.thread_time)
    folder = Path(tempfile.mkdtemp(prefix="memory-profile-"))
    summary = Reply("Bob asked where the amplifiers are. " * 6, delay=0.3)
    with running(start_valkey(folder)) as valkey, ScriptedOpenAI(default=lambda request: summary) as model:
        fold = {"OPENAI_BASE_URL": model.url} if options.fold else {"MOTORHEAD_FOLD": "off"}
        settings = config.load({"PORT": str(free_port()), "REDIS_URL": valkey.url, **fold})
        uvloop.run(profiled(profile, settings, options.seconds))
    shares: Counter[str] = Counter()
    for (file, _, function), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        shares[room_of(file, function)] += own
    whole = sum(shares.values())
    for room, own in shares.most_common():
        print(f"{own / whole:6.1%}  {room}")


if __name__ == "__main__":
    main()
