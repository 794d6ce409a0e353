"""The data folder: made, proved writable, and held so that no second supervisor writes there.

The lock is an ``flock`` whose open file Valkey inherits. It holds as long as either lives: two Valkeys on one
folder would both start, and both write.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervisor.exceptions import FolderInUse, FolderUnusable

#: Seconds to wait for a holder that is about to go: a Valkey outlives a killed supervisor by a moment.
PATIENCE = 1.5


@contextmanager
def hold(folder: Path) -> Iterator[int]:
    """Hold ``folder`` for the length of the block; gives the lock's open file, for Valkey to inherit.

    Raises FolderUnusable where it cannot be written, FolderInUse where another holds it.
    """
    lock = _open(folder)
    try:
        _take(lock, folder)
        yield lock
    finally:
        os.close(lock)


def _open(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "valkey").mkdir(mode=0o700, exist_ok=True)
        return os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FolderUnusable(
            f"The data folder {folder} cannot be used ({error.strerror}: {error.filename}). "
            "Make it writable, or name another with --data."
        ) from None


def _take(lock: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _locked(lock):
        if time.monotonic() > deadline:
            raise FolderInUse(
                f"The data folder {folder} is in use by {_holder(lock)}. "
                "Stop that one, or name another folder with --data."
            )
        time.sleep(0.05)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: int) -> str:
    pid = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
    return f"another supervisor (process {pid})" if pid else "another supervisor"
