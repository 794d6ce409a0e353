"""A child process: started so that it cannot outlive the supervisor, watched, restarted, stopped."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

from chatsite.folders import ROOT
from supervisor.exceptions import ChildFailed
from supervisor.plan import Child
from supervisor.secrets import permitted

#: A child that has run for this many seconds is not in a crash loop.
HEALTHY = 10.0
#: Seconds to wait after the first, second, third … crash in a row; the last value repeats.
PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Process:
    """One child, whether it is running or waiting to be restarted."""

    def __init__(self, child: Child, environment: Mapping[str, str] | None = None) -> None:
        """``environment``: variables besides those of the plan."""
        self.child = child
        self._environment = environment or {}
        self.name = child.name
        self.restart_at: float | None = None
        self._running: subprocess.Popen[str] | None = None
        self.started = 0.0  # of the monotonic clock
        self._crashes = 0
        self._asked_to_end = False

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._running.pid if self._running else None

    def start(self) -> None:
        """Start the child. Call this from the main thread: the kernel sends the death signal when that thread ends.

        Raises `ChildFailed`: the system could not start the process.
        """
        self.restart_at = None
        self._asked_to_end = False
        self.started = time.monotonic()
        try:
            self._running = _spawn(self.child, self._environment)
        except (OSError, subprocess.SubprocessError) as error:
            raise ChildFailed(f"{self.name} could not be started ({error}).") from None

    def ended(self) -> int | None:
        """The exit status (negative: the signal that ended it), reported once; None if there is nothing to report."""
        if self._running is None or (status := self._running.poll()) is None:
            return None
        self._running = None
        return status

    def plan_restart(self, status: int) -> float:
        """Schedule the restart of a child that ended with ``status``; returns the seconds until then.

        A child that was killed, or ended on request, is restarted at once. One that ends on its own soon after its
        start is in a crash loop, and waits longer each time.
        """
        now = time.monotonic()
        killed = self._asked_to_end or status in {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}
        self._crashes = 0 if killed or now - self.started > HEALTHY else self._crashes + 1
        pause = PAUSES[min(self._crashes, len(PAUSES)) - 1] if self._crashes else 0.0
        self.restart_at = now + pause
        return pause

    def end(self, number: signal.Signals) -> None:
        """Send the child a signal that ends it on request, so that its end is not taken for a crash."""
        self._asked_to_end = True
        self.signal(number)

    def signal(self, number: signal.Signals) -> None:
        """Send the child a signal, if it is running."""
        if self._running is not None:
            self._running.send_signal(number)


def _spawn(child: Child, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """A new process in its own session, so that Ctrl-C in the terminal reaches only the supervisor."""
    supervisor = os.getpid()
    process = subprocess.Popen(  # noqa: S603 - a fixed command, no shell
        child.command,
        cwd=ROOT,
        env=_environment(child, environment),
        stdin=subprocess.PIPE if child.stdin else subprocess.DEVNULL,
        pass_fds=child.inherits,
        start_new_session=True,
        text=True,
        preexec_fn=lambda: _bind_life_to(supervisor),  # noqa: PLW1509 - safe: the supervisor has one thread
    )
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin as pipe:  # if it has died already, the loop reports it
            pipe.write(child.stdin)
    return process


def _environment(child: Child, more: Mapping[str, str]) -> dict[str, str]:
    inherited = permitted(os.environ, child.secrets, confined=child.confined)
    given = {name: value for name, value in inherited.items() if value.strip() or name not in child.defaults}
    return {**child.defaults, **given, **child.environment, **more}


def _bind_life_to(supervisor: int) -> None:
    """Make the new child die with the supervisor, and unblock its signals; runs before its program starts.

    If the supervisor died before the prctl call, the kernel will send nothing, so the parent is checked once.
    """
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
