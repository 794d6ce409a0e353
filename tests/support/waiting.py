"""Waiting in tests that are not asynchronous."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

from tests.support.servers import PATIENCE


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Return once the condition holds. Raises `AssertionError`: it does not after ``seconds``, times the patience."""
    deadline = monotonic() + seconds * PATIENCE
    while not condition():
        assert monotonic() < deadline
        sleep(0.02)
