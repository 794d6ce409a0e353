"""The data folder: created, checked for write access, and locked against a second supervisor.

The lock is an ``flock`` on a file that Valkey inherits, so it holds as long as either process lives. Without it,
two Valkeys could start on one folder and both write to it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supervisor.exceptions import FolderInUse, FolderUnusable

#: Seconds to wait for the current holder to exit: Valkey briefly outlives a killed supervisor.
PATIENCE = 1.5


@contextmanager
def hold(folder: Path) -> Iterator[int]:
    """Hold ``folder`` for the duration of the block, and yield the lock's file descriptor for Valkey to inherit.

    Raises `FolderUnusable`: the folder cannot be written. Raises `FolderInUse`: another process holds it.
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
                f"The data folder {folder} is in use by {_holder(lock)}. Stop it, or name another folder with --data."
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
