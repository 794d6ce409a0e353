"""A real PostgreSQL on loopback: Debian's, with its data in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers import PATIENCE, Server, free_port, start, wait_for_port
from tests.support.waiting import until

#: The user as whom Debian runs it: PostgreSQL refuses to run as root.
USER = "postgres"


@contextmanager
def running_postgresql() -> Iterator[str]:
    """The address of an empty database of a server that runs for the length of the block."""
    # Not one of pytest's folders, which no other user can enter.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        run("initdb", "--pgdata", folder / "data", "--username", "chat", "--auth", "trust", "--no-sync", "--no-locale")
        server = _started(folder, free_port())
        try:
            yield f"{server.url}/postgres"
        finally:
            server.process.send_signal(signal.SIGINT)  # "fast": it does not wait for its clients to leave
            server.process.wait(30 * PATIENCE)
    finally:
        shutil.rmtree(folder)


def run(program: str, *arguments: object) -> None:
    """Run one of PostgreSQL's programs to its end."""
    subprocess.run(_command(program, arguments), cwd="/", check=True, capture_output=True)


def _started(folder: Path, port: int) -> Server:
    where = ("-D", folder / "data", "-k", folder, "-h", "127.0.0.1", "-p", port, "-c", "fsync=off")
    server = start(_command("postgres", where), f"postgresql://chat@127.0.0.1:{port}", log=folder / "log")
    wait_for_port(server, port)
    until(lambda: _accepts_sessions(port), seconds=30)  # it refuses them for a moment after it listens
    return server


def _accepts_sessions(port: int) -> bool:
    command = _command("pg_isready", ("-q", "-h", "127.0.0.1", "-p", port))
    return subprocess.run(command, cwd="/", check=False).returncode == 0


def _command(program: str, arguments: Sequence[object]) -> list[str]:
    found = max(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[4]))
    as_user = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"] if os.geteuid() == 0 else []
    return [*as_user, str(found), *map(str, arguments)]
