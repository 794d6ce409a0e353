"""One child process: started so that it cannot outlive the supervisor, watched, started again, stopped."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from contextlib import suppress

from chatsite.folders import ROOT
from supervisor.exceptions import ChildFailed
from supervisor.plan import Child

#: A child that lived this many seconds is not in a crash loop.
HEALTHY = 10.0
#: Seconds before the next try after the first, second, third … crash in a row; the last one then stays.
PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Process:
    """The child that runs (or shall run again) under one name."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.name = child.name
        self.restart_at: float | None = None
        self._running: subprocess.Popen[str] | None = None
        self._started = 0.0
        self._crashes = 0

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._running.pid if self._running else None

    def start(self) -> None:
        """Start it, from the main thread: the kernel's death signal follows the thread that started it.

        Raises ChildFailed when the machine has no process or memory to give.
        """
        self.restart_at = None
        self._started = time.monotonic()
        try:
            self._running = _spawn(self.child)
        except (OSError, subprocess.SubprocessError) as error:
            raise ChildFailed(f"{self.name} could not be started ({error}).") from None

    def ended(self) -> int | None:
        """Its exit status (negative: the signal that ended it), told once when it has ended; else None."""
        if self._running is None or (status := self._running.poll()) is None:
            return None
        self._running = None
        return status

    def plan_restart(self, status: int) -> float:
        """Set when to start it again after it ended with ``status``; the seconds until then.

        Whoever was killed comes back at once. Whoever ends by itself soon after its start is in a crash loop:
        it waits longer each time.
        """
        now = time.monotonic()
        killed = status in {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}
        self._crashes = 0 if killed or now - self._started > HEALTHY else self._crashes + 1
        pause = PAUSES[min(self._crashes, len(PAUSES)) - 1] if self._crashes else 0.0
        self.restart_at = now + pause
        return pause

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._running is not None:
            self._running.send_signal(number)


def _spawn(child: Child) -> subprocess.Popen[str]:
    """A new process in a session of its own: a Ctrl-C at the terminal reaches the supervisor alone."""
    supervisor = os.getpid()
    process = subprocess.Popen(  # noqa: S603 - a fixed command, no shell
        child.command,
        cwd=ROOT,
        env={**child.defaults, **os.environ, **child.environment},
        stdin=subprocess.PIPE if child.stdin else subprocess.DEVNULL,
        pass_fds=child.inherits,
        start_new_session=True,
        text=True,
        preexec_fn=lambda: _bind_life_to(supervisor),  # noqa: PLW1509 - safe: the supervisor has one thread
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as pipe:  # who died already is told of by the loop
            pipe.write(child.stdin)
    return process


def _bind_life_to(supervisor: int) -> None:
    """In the new child, before its program: die when the supervisor dies, and hear all signals again.

    A supervisor that died before the request is no parent any more, and would never be heard of: look once.
    """
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
