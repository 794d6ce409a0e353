"""A Valkey on a small disk of its own, which a test can fill."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.servers import free_port, running, valkey_command, wait_for_valkey

#: A process with this prefix sees its own disks, on which it may mount others.
APART = ("unshare", "--user", "--map-root-user", "--mount")
MOUNT = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'


@dataclass(frozen=True)
class SmallDisk:
    """The disk of the Valkey at ``url``. ``folder`` is where the test sees it, also when that Valkey has ended."""

    url: str
    folder: Path

    def fill(self) -> None:
        """Use up the last byte."""
        with (self.folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(bytes(4096)):
                pass


@contextmanager
def valkey_on_a_small_disk(folder: Path, *arguments: str) -> Iterator[SmallDisk]:
    """A Valkey with a disk of 2 MiB, mounted on ``folder`` for it alone. Skips the test where that is not permitted."""
    disk, port = folder / "disk", free_port()
    disk.mkdir()
    apart = [*APART, "sh", "-c", MOUNT, str(disk)]
    try:
        subprocess.run([*apart, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("This system lets nobody mount a small disk.")
    command = [*apart, *valkey_command(disk, port, *arguments)]
    with running(wait_for_valkey(command, port, folder / "valkey.log")) as valkey:
        seen = os.open(f"/proc/{valkey.process.pid}/root{disk}", os.O_RDONLY)
        try:
            yield SmallDisk(valkey.url, Path(f"/proc/self/fd/{seen}"))
        finally:
            os.close(seen)
