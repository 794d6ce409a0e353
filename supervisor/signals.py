"""The supervisor's signals, received one at a time where it waits, so that none interrupts it."""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Self

STOP = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
#: A child has ended; a request has arrived at the control socket.
NEWS = frozenset({signal.SIGCHLD, signal.SIGIO})
HEARD = STOP | NEWS


class Signals:
    """Blocks the signals within the ``with`` block, for `wait` to receive; children must unblock them.

    A signal that was ignored when the process started (a hang-up under ``nohup``) stays ignored.
    """

    def __enter__(self) -> Self:
        self._heard = HEARD - {number for number in STOP if signal.getsignal(number) is signal.SIG_IGN}
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, self._heard)
        # By default, one that arrives unheeded would end the process as soon as it is unblocked.
        self._handler_before = signal.signal(signal.SIGIO, lambda *_: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)
        signal.signal(signal.SIGIO, self._handler_before)

    def wait(self, seconds: float | None = None) -> bool:
        """Return true when asked to stop, and false after ``seconds`` or when there is news of a child or a request."""
        if seconds is None:
            return signal.sigwait(self._heard) in STOP
        taken = signal.sigtimedwait(self._heard, max(seconds, 0))
        return taken is not None and taken.si_signo in STOP
