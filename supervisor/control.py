"""The control socket in the data folder, where a program of the same user lists the children, or ends one of them.

Request and answer are one datagram each, a JSON object:

* ``{"do": "list"}`` → ``{"processes": [{"name": "web.1", "pid": 4711}]}``
* ``{"do": "kill", "name": "web.1", "pid": 4711}`` → ``{"name": "web.1", "pid": 4711, "at": 1764400000.25}``, the time
  of its end. ``restart`` asks the child to end (SIGTERM) instead of killing it; either way it is started again.
* Anything else → ``{"refused": "…"}``, a sentence.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from supervisor.processes import Process

#: The socket's name in the data folder.
NAME = "control"
#: Bytes in a request; a longer one is cut, and then refused.
LONGEST = 1024
#: Requests answered at once, so that none keeps the supervisor from its children.
MOST_REQUESTS = 8
#: Seconds between an answer and the end of the child: it may be the one that asked, and has to pass the answer on.
NOTICE = 0.1

SIGNALS = {"kill": signal.SIGKILL, "restart": signal.SIGTERM}


class RequestRefused(Exception):
    """A request that is not carried out; ``str()`` is a sentence."""


class Control:
    """The socket within the ``with`` block. SIGIO reports requests: `supervisor.signals.Signals` must block it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        with suppress(OSError):  # not every disk can hold a socket; the site also works without
            self._bind()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def answer(self, processes: Iterable[Process]) -> None:
        """Answer the requests that have arrived; they may end any of ``processes``, and nothing else."""
        for _ in range(MOST_REQUESTS):
            try:
                request, sender = self._socket.recvfrom(LONGEST)
            except OSError:  # nothing more to read
                return
            if sender:  # otherwise there is nobody to answer
                self._answer(request, sender, list(processes))

    def _bind(self) -> None:
        self.path.unlink(missing_ok=True)  # left behind by a killed supervisor
        folder = os.open(self.path.parent, os.O_PATH)
        try:
            self._socket.bind(f"/proc/self/fd/{folder}/{NAME}")  # the folder's own path may be too long for an address
        finally:
            os.close(folder)
        self.path.chmod(0o600)
        fcntl.fcntl(self._socket, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(self._socket, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)

    def _answer(self, request: bytes, sender: str | bytes, processes: list[Process]) -> None:
        ending: tuple[Process, signal.Signals] | None = None
        try:
            wanted = _read(request)
            if wanted["do"] == "list":
                answer: dict[str, Any] = {"processes": [_named(process) for process in processes if process.pid]}
            else:
                ending = _find(wanted, processes), SIGNALS[wanted["do"]]
                answer = _named(ending[0]) | {"at": round(time.time() + NOTICE, 3)}
        except RequestRefused as refused:
            answer = {"refused": str(refused)}
        with suppress(OSError):  # the sender has gone
            self._socket.sendto(json.dumps(answer).encode(), sender)
        if ending:
            time.sleep(NOTICE)
            ending[0].end(ending[1])


def _read(request: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(request)
    except (ValueError, RecursionError):
        raise RequestRefused("This request is not JSON.") from None
    if not isinstance(wanted, dict) or wanted.get("do") not in ("list", *SIGNALS):
        raise RequestRefused(f"This request asks for nothing known. Send do: {', '.join(('list', *SIGNALS))}.")
    return wanted


def _find(wanted: dict[str, Any], processes: list[Process]) -> Process:
    """The running child with this name and process id: one that ended meanwhile is not confused with its successor."""
    for process in processes:
        if process.pid and (process.name, process.pid) == (wanted.get("name"), wanted.get("pid")):
            return process
    raise RequestRefused("There is no such process any more.")


def _named(process: Process) -> dict[str, Any]:
    return {"name": process.name, "pid": process.pid}
