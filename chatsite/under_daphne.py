"""Daphne has no lifespan protocol, so a worker begins and ends with Daphne's reactor."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Port

from chat.worker import Worker

_reactor: Any = reactor


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
