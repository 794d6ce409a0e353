"""Which children hang."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from supervisor.lifesigns import Lifesigns
from supervisor.plan import Child
from supervisor.probes import Probe
from supervisor.processes import Process
from tests.support.servers import PATIENCE

#: Sends one sign of life, then waits to be ended.
ONE_SIGN = """
import os, socket, sys
address = os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1)
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"WATCHDOG=1", address)
sys.stdin.read()
"""


@dataclass
class Scripted(Probe):
    """A probe whose child answers as the test says. ``questions`` counts how often it was asked."""

    alive: bool = True
    questions: int = 0

    def answers(self) -> bool:
        return True

    def lives(self) -> bool:
        self.questions += 1
        return self.alive


@pytest.fixture
def begun() -> Iterator[Callable[..., Process]]:
    """Starts children that wait for their end, and ends them."""
    processes: list[Process] = []

    def begin(lifesigns: Lifesigns, code: str = "input()", **more: object) -> Process:
        child = Child("child", (sys.executable, "-c", code), stdin="", **more)  # type: ignore[arg-type]
        processes.append(Process(child, lifesigns.environment))
        processes[-1].start()
        return processes[-1]

    yield begin
    for process in processes:
        process.signal(signal.SIGKILL)
        while process.pid and process.ended() is None:
            time.sleep(0.01)


def until_hanging(lifesigns: Lifesigns, process: Process) -> None:
    deadline = time.monotonic() + 10 * PATIENCE
    while not lifesigns.hanging([process]):
        assert time.monotonic() < deadline
        time.sleep(0.01)


SLEEP = "import time; time.sleep(600)"


def test_a_child_that_sends_no_more_signs_hangs(begun: Callable[..., Process]):
    """A sign is counted for the process that sent it, and is good for a while."""
    with Lifesigns(silence=0.3, first_sign=600) as lifesigns:
        talking = begun(lifesigns, ONE_SIGN.replace("sys.stdin.read()", SLEEP), probe=Scripted(), notifies=True)
        quiet = begun(lifesigns, SLEEP, probe=Scripted(), notifies=True)
        until_hanging(lifesigns, talking)
        assert lifesigns.hanging([quiet]) == []


def test_a_child_has_longer_for_its_first_sign(begun: Callable[..., Process]):
    """Programs take a while to start; but not without end."""
    with Lifesigns(silence=0, first_sign=600) as lifesigns:
        assert lifesigns.hanging([begun(lifesigns, SLEEP, probe=Scripted(), notifies=True)]) == []
    with Lifesigns(silence=600, first_sign=0.1) as lifesigns:
        until_hanging(lifesigns, begun(lifesigns, SLEEP, probe=Scripted(), notifies=True))


def test_a_child_that_sends_no_signs_is_asked(begun: Callable[..., Process]):
    """It hangs if it stops answering; questions have a pause between them."""
    with Lifesigns(silence=0.2, first_sign=600, questions=0.05) as lifesigns:
        probe = Scripted()
        process = begun(lifesigns, SLEEP, probe=probe)
        assert lifesigns.hanging([process]) == []
        probe.alive = False
        until_hanging(lifesigns, process)
        assert probe.questions > 1
    with Lifesigns(questions=600) as lifesigns:
        probe = Scripted()
        process = begun(lifesigns, SLEEP, probe=probe)
        for _ in range(5):
            lifesigns.hanging([process])
        assert probe.questions == 1


def test_a_task_and_a_child_that_is_down_do_not_hang(begun: Callable[..., Process]):
    """A task has no probe, and a child that has ended waits for its restart."""
    with Lifesigns(silence=0, first_sign=0) as lifesigns:
        down = Process(Child("down", ("true",), Scripted()))
        assert lifesigns.hanging([begun(lifesigns, SLEEP), down]) == []


def test_children_are_not_reached_through_the_file_system():
    """The socket has an abstract name of its own, which ends with the supervisor."""
    with Lifesigns() as one, Lifesigns() as other:
        names = {one.environment["NOTIFY_SOCKET"], other.environment["NOTIFY_SOCKET"]}
        assert len(names) == 2
        assert all(name.startswith(f"@motorhead-chat/{os.getpid()}/") for name in names)
