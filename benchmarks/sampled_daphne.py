"""Daphne with a sampling profiler: every few ms of CPU time, it notes which part of the worker is running.

    SAMPLES=FILE python -m benchmarks.sampled_daphne …Daphne's arguments

Counting starts at SIGUSR1. When the process ends, it writes a JSON object of samples by part to FILE. A sample counts
for the innermost frame listed in `PARTS`, or else in `CONNECTIONS`.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

from daphne.cli import CommandLineInterface

#: Seconds of CPU time between samples (the kernel's tick may lengthen them).
INTERVAL = 0.001
#: Parts, by a piece of a frame's file and function. Those of a turn's beginning and of its end are apart from the rest.
PARTS = {
    "chat/runs/limits.py": "beginning: limits and lock",
    "chat/runs/log.py:begin": "beginning: limits and lock",
    "chat/memory/client.py:get_memory": "beginning: memory",
    "chat/turns/prompt.py": "beginning: prompt",
    "chat/model/connection.py": "beginning: request to the model",
    "chat/runs/log.py:commit": "end: reply recorded, session released",
    "chat/runs/log.py:finish": "end: reply recorded, session released",
    "chat/memory/client.py:append_messages": "end: append",
    "chat/model/stream.py": "model: reading its stream",
    "chat/model/": "model: LangChain",
    "chat/runs/flusher.py": "run log: writing",
    "chat/runs/log.py": "run log: writing",
    "chat/api/ai_sdk/": "codec",
    "chatsite/prompt_daphne.py": "websocket: frames",
    "channels/": "websocket: frames",
    "daphne/server": "websocket: frames",
    "autobahn/": "websocket: frames",
    "twisted/internet/tcp": "websocket: frames",
    "chat/api/": "door and readers",
    "chat/page/": "door and readers",
    "chat/sockets/": "door and readers",
    "chat/runs/readers.py": "door and readers",
    "chat/runs/live.py": "door and readers",
    "chat/turns/": "run",
    "chat/runs/": "run",
}
#: Libraries that handle incoming bytes, for no part in particular.
CONNECTIONS = {
    "aiohttp/": "connections of model and memory: reading",
    "redis_link/": "run log: reading and writing its connection",
}
#: The outermost frames of every stack, Daphne's included, which identify no part.
ROOT = "run"

counted: Counter[str] = Counter()


def part_of(frame: FrameType | None) -> str:
    """The part on whose behalf ``frame`` runs."""
    names = []
    while frame is not None:
        if frame.f_code.co_name != ROOT:
            names.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
        frame = frame.f_back
    for table in (PARTS, CONNECTIONS):
        for name in names:
            for piece, part in table.items():
                if piece in name:
                    return part
    return "event loop and the rest"


def begin(*_: object) -> None:
    """Start counting."""
    counted.clear()
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)


def end() -> None:
    """Write the counts."""
    signal.setitimer(signal.ITIMER_PROF, 0)
    Path(os.environ["SAMPLES"]).write_text(json.dumps(counted))


def sample(_: int, frame: FrameType | None) -> None:
    """Count one sample."""
    counted[part_of(frame)] += 1


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, sample)
    signal.signal(signal.SIGUSR1, begin)
    atexit.register(end)
    CommandLineInterface.entrypoint()
