"""``serve.json`` in the data folder: addresses and processes, for scripts and tests, while the site is up."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from supervisor.plan import Addresses
from supervisor.processes import Process


class Record:
    """The file ``serve.json`` of one data folder. It is replaced atomically: readers never see half a file."""

    def __init__(self, folder: Path, addresses: Addresses) -> None:
        self.folder = folder
        self.path = folder / "serve.json"
        self._addresses = addresses

    def write(self, processes: Iterable[Process]) -> None:
        """Write the addresses and the running processes, in the order in which they were started."""
        running = [{"name": each.name, "pid": each.pid} for each in processes if each.pid]
        text = json.dumps({**asdict(self._addresses), "processes": running}, indent=2) + "\n"
        made = self.path.with_suffix(".new")
        # Readable by the owner only: Valkey's address contains its password.
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        made.replace(self.path)

    def remove(self) -> None:
        """Remove the file; a missing one is not an error."""
        self.path.unlink(missing_ok=True)
