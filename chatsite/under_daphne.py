"""Daphne has no lifespan protocol, so a worker begins and ends with Daphne's reactor."""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from chat.worker import Worker


def attend(worker: Worker) -> None:
    """Begin ``worker`` once Daphne's loop runs, and end it before Daphne exits, which is 0.1 s after SIGTERM."""
    hooks: Any = reactor
    hooks.callLater(0, worker.begin)
    hooks.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(worker.end())))
