"""The control socket: it lists the children and ends one of them, and nothing else."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from supervisor.control import LONGEST, Control
from supervisor.plan import Child
from supervisor.processes import Process
from supervisor.signals import Signals
from tests.support.servers import PATIENCE, lives


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Signals(), Control(tmp_path) as control:
        yield control


@pytest.fixture
def child() -> Iterator[Process]:
    """A child that runs until it is ended."""
    process = Process(Child("web.1", (sys.executable, "-c", "import time; time.sleep(600)")))
    process.start()
    yield process
    if process.pid:
        process._running.kill()  # type: ignore[union-attr]
        process._running.wait()  # type: ignore[union-attr]


def ask(control: Control, request: bytes, *processes: Process) -> dict[str, Any]:
    """The answer to one request."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.settimeout(5 * PATIENCE)
        client.bind("")
        client.connect(str(control.path))
        client.send(request)
        control.answer(processes)
        answer: dict[str, Any] = json.loads(client.recv(65_536))
        return answer


def asking(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def test_it_lists_the_running_children(control: Control, child: Process):
    """Each has its name and process id; one that is down is left out."""
    down = Process(Child("web.2", ("true",)))
    assert ask(control, asking(do="list"), child, down) == {"processes": [{"name": "web.1", "pid": child.pid}]}


@pytest.mark.parametrize("verb", ["kill", "restart"])
def test_it_ends_a_child_and_says_when(control: Control, child: Process, verb: str):
    """The answer comes before the end, and the child is started again at once, however young it was."""
    pid = child.pid
    answer = ask(control, asking(do=verb, name="web.1", pid=pid), child)
    assert (answer["name"], answer["pid"]) == ("web.1", pid)
    assert answer["at"] > 1_700_000_000
    child._running.wait(10 * PATIENCE)  # type: ignore[union-attr]
    status = child.ended()
    assert status is not None
    assert child.plan_restart(status) == 0


def test_a_child_that_ends_on_request_with_a_status_is_not_in_a_crash_loop(control: Control, tmp_path: Path):
    """Valkey answers SIGTERM by exiting with status 0, seconds after its start perhaps."""
    code = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
    code += f"open({str(tmp_path / 'listens')!r}, 'w').close(); signal.pause()"
    process = Process(Child("valkey", (sys.executable, "-c", code)))
    process.start()
    pid = process.pid
    while not (tmp_path / "listens").exists():
        assert process.ended() is None
        time.sleep(0.01)
    ask(control, asking(do="restart", name="valkey", pid=pid), process)
    process._running.wait(10 * PATIENCE)  # type: ignore[union-attr]
    assert process.ended() == 0
    assert process.plan_restart(0) == 0


@pytest.mark.parametrize(
    "request_",
    [
        asking(do="kill", name="web.1", pid=1),
        asking(do="kill", name="sshd", pid=0),
        asking(do="kill", pid="4711"),
        asking(do="kill"),
        asking(do="stop"),
        asking(do=["kill"]),
        b"",
        b"\xff",
        b"[" * LONGEST,
        b"7",
        b'{"do": "kill", "name": "' + b"x" * 2 * LONGEST,
    ],
)
def test_anything_else_is_refused_with_a_sentence(control: Control, child: Process, request_: bytes):
    """Only a running child can be named, by its name together with its process id."""
    assert set(ask(control, request_, child)) == {"refused"}
    assert child.ended() is None
    assert child.pid
    assert lives(child.pid)


def test_it_can_be_used_only_by_its_owner_and_is_removed(tmp_path: Path):
    """A socket that a killed supervisor left behind is replaced."""
    (tmp_path / "control").touch()
    with Control(tmp_path) as control:
        assert control.path.is_socket()
        assert control.path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []


def test_a_long_path_and_a_disk_without_sockets_stop_nothing(tmp_path: Path):
    """An address holds 108 bytes; where there can be no socket, the site runs without."""
    deep = tmp_path / ("x" * 200)
    deep.mkdir()
    with Control(deep) as control:
        assert control.path.is_socket()
    with Control(tmp_path / "missing") as control:
        control.answer([])


def test_a_sender_without_an_address_does_no_harm(control: Control):
    """There is nowhere to send the answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.connect(str(control.path))
        client.send(asking(do="list"))
        control.answer([])
