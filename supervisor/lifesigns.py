"""Receives the children's signs of life (`environment.lifesigns`), and asks the children that send none."""

from __future__ import annotations

import os
import secrets
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from supervisor.processes import Process

#: Seconds without a sign of life after which a child is thought to hang. Valkey answers even while it loads its data.
SILENCE = 30.0
#: Seconds that a child has for its first sign.
FIRST_SIGN = 120.0
#: Seconds between questions to a child that sends no signs.
QUESTIONS = 10.0
#: Signs read at once.
MOST_SIGNS = 1000
#: The kernel's ``struct ucred``, which says who sent a datagram: process, user and group.
_SENDER = struct.Struct("3i")


class Lifesigns:
    """A socket for signs of life within the ``with`` block, and the time of each process's latest sign."""

    def __init__(self, silence: float = SILENCE, first_sign: float = FIRST_SIGN, questions: float = QUESTIONS) -> None:
        self._silence = silence
        self._first_sign = first_sign
        self._questions = questions
        self._latest: dict[int, float] = {}
        self._ask_at: dict[int, float] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._name = f"motorhead-chat/{os.getpid()}/{secrets.token_hex(8)}"

    def __enter__(self) -> Self:
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(f"\0{self._name}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that tell a child where to send its signs, and how often they are expected."""
        return {"NOTIFY_SOCKET": f"@{self._name}", "WATCHDOG_USEC": str(int(self._silence * 1_000_000))}

    def note(self, process: Process) -> None:
        """Count as a sign of life that ``process`` has just answered."""
        if process.pid:
            self._latest[process.pid] = time.monotonic()

    def hanging(self, processes: Iterable[Process]) -> list[Process]:
        """Those of the running ``processes`` that have given no sign of life for too long."""
        now = time.monotonic()
        self._receive(now)
        return [process for process in processes if process.pid and self._hangs(process, process.pid, now)]

    def _receive(self, now: float) -> None:
        for _ in range(MOST_SIGNS):
            try:
                _, credentials, _, _ = self._socket.recvmsg(64, socket.CMSG_SPACE(_SENDER.size))
            except OSError:  # nothing more to read
                return
            for _, _, sender in credentials:
                pid, user, _ = _SENDER.unpack(sender)
                if user == os.getuid():  # anyone on the machine may send to the socket
                    self._latest[pid] = now

    def _hangs(self, process: Process, pid: int, now: float) -> bool:
        probe = process.child.probe
        if probe is None:
            return False
        if not process.child.notifies and now >= self._ask_at.get(pid, 0):
            self._ask_at[pid] = now + self._questions
            if probe.lives():
                self._latest[pid] = now
        latest = self._latest.get(pid, 0)
        heard = latest > process.started  # the number of the process may have been another's before
        return now > (latest + self._silence if heard else process.started + self._first_sign)
