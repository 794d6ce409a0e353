"""A client of the supervisor's control socket (`supervisor.control` in this repository describes the protocol)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat.domain.exceptions import ProcessGone, SupervisorUnreachable

#: Bytes in an answer, and seconds to wait for it.
LARGEST = 65_536
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the site, such as ``web.1``, by its name and process id."""

    name: str
    pid: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that was ended ``at`` a time, in seconds since 1970."""

    process: Process
    at: float


class Supervisor:
    """The supervisor whose control socket is in the folder ``data``.

    ``host`` is what the names of this machine's workers begin with, where several machines serve the site.

    Every method raises `SupervisorUnreachable`: no supervisor answered.
    """

    def __init__(self, data: Path, host: str = "") -> None:
        self._data = data
        self._prefix = f"{host}:" if host else ""

    @property
    def is_there(self) -> bool:
        """Whether there is a control socket."""
        return (self._data / "control").is_socket()

    async def processes(self) -> list[Process]:
        """The running processes, in the order of their start."""
        answer = await self._ask({"do": "list"})
        return [Process(self._prefix + each["name"], each["pid"]) for each in answer["processes"]]

    async def kill(self, process: Process) -> Ended:
        """Kill a process without warning; it is started again. Raises `ProcessGone`: it does not run here any more."""
        return await self._end("kill", process)

    async def restart(self, process: Process) -> Ended:
        """Ask a process to end; it is started again. Raises `ProcessGone`: it does not run here any more."""
        return await self._end("restart", process)

    async def _end(self, verb: str, process: Process) -> Ended:
        if not process.name.startswith(self._prefix):
            raise ProcessGone("elsewhere")
        answer = await self._ask({"do": verb, "name": process.name.removeprefix(self._prefix), "pid": process.pid})
        if "refused" in answer:
            raise ProcessGone("unknown")
        return Ended(process, answer["at"])

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            with _connected(self._data) as line:
                line.send(json.dumps(request).encode())
                async with asyncio.timeout(PATIENCE):
                    answer: dict[str, Any] = json.loads(await asyncio.get_running_loop().sock_recv(line, LARGEST))
        except OSError as error:  # a time-out is one, too
            raise SupervisorUnreachable from error
        return answer


@contextmanager
def _connected(data: Path) -> Iterator[socket.socket]:
    folder = os.open(data, os.O_PATH)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.bind("")  # any free name, for the answer
            line.connect(f"/proc/self/fd/{folder}/control")  # the folder's own path may be too long for an address
            yield line
    finally:
        os.close(folder)
