"""The signals that a supervisor lives by, taken one at a time where it waits, so that none interrupts it."""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Self

STOP = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
HEARD = STOP | {signal.SIGCHLD}


class Signals:
    """Within the block the signals wait to be taken; children must unblock them (see ``processes``).

    What whoever started the process told it to ignore (``nohup`` a hang-up) stays ignored.
    """

    def __enter__(self) -> Self:
        self._heard = HEARD - {number for number in STOP if signal.getsignal(number) is signal.SIG_IGN}
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)

    def wait(self, seconds: float | None = None) -> bool:
        """Return when a child has ended, after ``seconds``, or when asked to stop (true then alone)."""
        if seconds is None:
            return signal.sigwait(self._heard) in STOP
        taken = signal.sigtimedwait(self._heard, max(seconds, 0))
        return taken is not None and taken.si_signo in STOP
