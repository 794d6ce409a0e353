"""``serve.json`` in the data folder: what runs where, for scripts and tests; there while the site is up."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from supervisor.plan import Addresses
from supervisor.processes import Process


class Record:
    """The file ``serve.json`` of one data folder; its readers see a whole one or none."""

    def __init__(self, folder: Path, addresses: Addresses) -> None:
        self.path = folder / "serve.json"
        self._addresses = addresses

    def write(self, processes: Iterable[Process]) -> None:
        """Write the addresses and the processes that run now, in the order of their start."""
        running = [{"name": each.name, "pid": each.pid} for each in processes if each.pid]
        text = json.dumps({**asdict(self._addresses), "processes": running}, indent=2) + "\n"
        made = self.path.with_suffix(".new")
        # For its owner alone: the address of Valkey holds its password.
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        made.replace(self.path)

    def remove(self) -> None:
        """Remove it: nothing runs (any more)."""
        self.path.unlink(missing_ok=True)
