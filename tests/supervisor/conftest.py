"""Signals that stop a process, whatever shell started the tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from supervisor.signals import STOP


@pytest.fixture
def heeded() -> Iterator[None]:
    """No stop signal is ignored, nor in children: a shell's background jobs ignore Ctrl-C, and ``nohup`` a hang-up."""
    ignored = [number for number in STOP if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
