"""The signals that a supervisor lives by, taken one at a time where it waits, so that none interrupts it."""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Self

STOP = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
HEARD = STOP | {signal.SIGCHLD}


class Signals:
    """Within the block the signals wait to be taken; children must unblock them (see ``processes``)."""

    def __enter__(self) -> Self:
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)

    def wait(self, seconds: float | None = None) -> bool:
        """Return when a child has ended, after ``seconds``, or when asked to stop (true then alone)."""
        if seconds is None:
            return signal.sigwait(HEARD) in STOP
        taken = signal.sigtimedwait(HEARD, max(seconds, 0))
        return taken is not None and taken.si_signo in STOP
