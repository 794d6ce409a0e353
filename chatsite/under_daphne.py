"""Daphne speaks no lifespan protocol, so its reactor says when a worker begins and ends."""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred

from chat.worker import Worker


def attend(worker: Worker) -> None:
    """Begin ``worker`` when Daphne's loop runs, and end it before Daphne, which is gone 0.1 s after SIGTERM, goes."""
    hooks: Any = reactor
    hooks.callLater(0, worker.begin)
    hooks.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromFuture(asyncio.ensure_future(worker.end())))
