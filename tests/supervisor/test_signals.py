"""Signals, received one at a time."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from supervisor.signals import Signals
from tests.support.servers import REPOSITORY


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("seconds", [None, 5])
def test_a_stop_signal_is_received_by_wait(number: signal.Signals, seconds: float | None):
    """It interrupts nothing: it stays pending until ``wait`` reports the request to stop."""
    with Signals() as signals:
        signal.pthread_kill(threading.main_thread().ident or 0, number)
        assert signals.wait(seconds) is True


def test_an_ignored_hang_up_stays_ignored():
    """A process started under ``nohup`` is meant to outlive the terminal."""
    code = "import signal, os; from supervisor.signals import Signals\n"
    code += "with Signals() as signals: os.kill(os.getpid(), signal.SIGHUP); print(signals.wait(0.01))"
    command = ["nohup", sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_the_end_of_a_child_wakes_but_does_not_stop():
    """A wait without a limit returns when a child has ended. (This needs a single thread, as in the supervisor.)"""
    code = "import subprocess; from supervisor.signals import Signals\n"
    code += "with Signals() as signals, subprocess.Popen(['true']): print(signals.wait())"
    ended = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_a_wait_ends_after_its_time():
    """So does one whose time has already passed."""
    with Signals() as signals:
        assert signals.wait(0.01) is False
        assert signals.wait(-1) is False


def test_a_request_wakes_but_does_not_stop(tmp_path: Path):
    """A wait without a limit returns when a request arrives, and one that nobody has waited for does no harm."""
    code = "import socket, sys; from pathlib import Path\n"
    code += "from supervisor.control import Control; from supervisor.signals import Signals\n"
    code += "client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
    code += "with Signals() as signals, Control(Path(sys.argv[1])) as control:\n"
    code += "    client.connect(str(control.path)); client.send(b'{}'); print(signals.wait())\n"
    code += "    client.send(b'{}')\n"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "False\n"
