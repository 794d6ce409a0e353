"""The process that becomes Valkey."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import redis

from supervisor.options import Options
from supervisor.plan import Bindings, Configured, make_plan
from supervisor.processes import Process
from supervisor.signals import Signals
from tests.support.servers import REPOSITORY, free_port


def test_it_is_the_server_in_the_package():
    """The error is Valkey's own, and comes from the process that was started as Python."""
    command = [sys.executable, "-m", "supervisor.valkey", "--port", "nonsense"]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "FATAL CONFIG FILE ERROR" in ended.stderr


def test_planned_settings_start_a_valkey_that_keeps_what_it_acknowledged(tmp_path: Path):
    """After kill -9 and a restart the acknowledged key is present; the password is required."""
    (tmp_path / 'a "folder"' / "valkey").mkdir(parents=True)
    bindings = Bindings(1, 1, 1, free_port(), "pass", 1, 0)
    plan = make_plan(Options(data=tmp_path / 'a "folder"'), Configured(), bindings)
    process = Process(plan.stages[0][0])
    with Signals() as signals, redis.Redis.from_url(plan.addresses.redis) as client:
        _start(process, signals)
        client.set("key", "acknowledged")
        process.signal(signal.SIGKILL)
        while process.ended() is None:
            signals.wait(0.05)
        _start(process, signals)
        assert client.get("key") == b"acknowledged"
        with socket.create_connection(("127.0.0.1", bindings.valkey_port)) as stranger:
            stranger.sendall(b"GET key\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
        process.signal(signal.SIGTERM)
        while process.ended() is None:
            signals.wait(0.05)


def _start(process: Process, signals: Signals) -> None:
    process.start()
    assert process.child.probe
    while not process.child.probe.answers():
        signals.wait(0.02)
