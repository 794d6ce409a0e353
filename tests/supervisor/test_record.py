"""``serve.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from supervisor.plan import Addresses, Child
from supervisor.processes import Process
from supervisor.record import Record

ADDRESSES = Addresses("http://web", "http://memory", "http://model", "redis://redis")


def test_it_names_addresses_and_the_processes_that_run(tmp_path: Path):
    """A process that is down is left out until it runs again."""
    running, down = (Process(Child(name, (sys.executable, "-c", "input()"), stdin="\n")) for name in ("a", "b"))
    running.start()
    record = Record(tmp_path, ADDRESSES)
    record.write([running, down])
    assert json.loads(record.path.read_text()) == {
        "web": "http://web",
        "memory": "http://memory",
        "model": "http://model",
        "redis": "redis://redis",
        "processes": [{"name": "a", "pid": running.pid}],
    }
    while running.ended() is None:
        pass


def test_it_is_replaced_atomically_and_leaves_nothing_behind(tmp_path: Path):
    """A reader never sees half a file; removal leaves the folder as before, and may be repeated."""
    record = Record(tmp_path, ADDRESSES)
    record.write([])
    first = record.path.stat().st_ino
    record.write([])
    assert record.path.stat().st_ino != first
    record.remove()
    record.remove()
    assert list(tmp_path.iterdir()) == []
