"""Daphne has no lifespan protocol, so a worker begins and ends with Daphne's reactor."""

from __future__ import annotations

import asyncio
import logging
import signal
import warnings
from contextlib import suppress
from typing import Any

from daphne.server import Server
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Port
from twisted.logger import LogEvent, LogLevel, globalLogBeginner

from chat.worker import Worker

logger = logging.getLogger(__name__)

_reactor: Any = reactor


def log_errors() -> None:
    """Have Twisted's own errors logged like all others. It would print them, with the messages of exceptions."""
    of_warnings = warnings.showwarning
    globalLogBeginner.beginLoggingTo([_log], discardBuffer=True, redirectStandardIO=False)  # type: ignore[list-item]
    warnings.showwarning = of_warnings  # which it took, too


def _log(event: LogEvent) -> None:
    if failure := event.get("log_failure"):
        logger.error("Twisted caught an error.", exc_info=failure.value.with_traceback(failure.getTracebackObject()))
    elif event.get("log_level", LogLevel.info) >= LogLevel.error:
        logger.error(str(event.get("log_format")))  # without the values that belong in it


def end_with_sockets() -> None:
    """Have Daphne end without an error where websockets are open.

    It would cancel the application of each connection, and does not expect that the worker has ended some of them.
    """
    cancel_all = Server.kill_all_applications

    def cancel(server: Server) -> Any:
        with suppress(KeyError):
            return cancel_all(server)

    Server.kill_all_applications = cancel


def attend(worker: Worker, *, shares_port: bool = False) -> None:
    """Begin ``worker`` once Daphne's loop runs. On SIGTERM or SIGINT drain it, then end it before Daphne exits.

    A second signal ends it at once. ``shares_port``: other workers accept connections on the same port, so this one
    stops as soon as it drains.
    """
    _reactor.callLater(0, _begin, worker, shares_port)
    _reactor.addSystemEventTrigger("before", "shutdown", lambda: _deferred(worker.end()))


def _begin(worker: Worker, shares_port: bool) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):  # instead of Twisted's, which would end everything at once
        signal.signal(number, lambda *_: _reactor.callFromThread(_end, worker, shares_port))
    worker.begin()


_ends: list[Deferred[None]] = []


def _end(worker: Worker, shares_port: bool) -> None:
    if _ends:
        _stop()
        return
    if shares_port:
        for port in [each for each in _reactor.getReaders() if isinstance(each, Port)]:
            port.stopListening()  # type: ignore[no-untyped-call]
    _ends.append(_deferred(worker.drain()).addBoth(lambda _: _stop()))


def _stop() -> None:
    if _reactor.running:
        _reactor.stop()


def _deferred(work: Any) -> Deferred[None]:
    return Deferred.fromFuture(asyncio.ensure_future(work))
