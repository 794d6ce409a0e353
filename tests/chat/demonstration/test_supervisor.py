"""The client of the control socket, against the supervisor's own side of it."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat.demonstration import supervisor as module
from chat.demonstration.supervisor import Process, Supervisor
from chat.domain.exceptions import ProcessGone, SupervisorUnreachable
from supervisor.control import Control
from supervisor.plan import Child
from supervisor.processes import Process as ChildProcess
from supervisor.signals import Signals
from tests.support.servers import PATIENCE


@pytest.fixture
def child() -> Iterator[ChildProcess]:
    """A child that runs until it is ended."""
    process = ChildProcess(Child("web.1", (sys.executable, "-c", "import time; time.sleep(600)")))
    process.start()
    yield process
    if process.pid:
        process._running.kill()  # type: ignore[union-attr]
        process._running.wait()  # type: ignore[union-attr]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose path is too long for the address of a socket."""
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    return folder


@contextmanager
def supervised(folder: Path, *processes: ChildProcess) -> Iterator[None]:
    """A control socket that answers from another thread."""
    ended = threading.Event()

    def answer(control: Control) -> None:
        while not ended.wait(0.01):
            control.answer(processes)

    with Signals(), Control(folder) as control:
        thread = threading.Thread(target=answer, args=[control])
        thread.start()
        yield
        ended.set()
        thread.join()


async def test_processes_are_listed_and_ended(folder: Path, child: ChildProcess):
    """Each by its name and process id; the answer says when it ended, and it cannot be ended twice."""
    with supervised(folder, child):
        supervisor = Supervisor(folder)
        assert supervisor.is_there
        (process,) = await supervisor.processes()
        assert process == Process("web.1", child.pid or 0)
        ended = await supervisor.kill(process)
        assert ended.process == process
        assert ended.at > 1_700_000_000
        await asyncio.to_thread(child._running.wait, 10 * PATIENCE)  # type: ignore[union-attr]
        child.ended()
        with pytest.raises(ProcessGone, match="has ended already"):
            await supervisor.restart(process)


async def test_names_begin_with_the_host_where_several_machines_serve(folder: Path, child: ChildProcess):
    """Another machine's process is not confused with one here that happens to have its process id."""
    with supervised(folder, child):
        supervisor = Supervisor(folder, host="chat-a")
        assert await supervisor.processes() == [Process("chat-a:web.1", child.pid or 0)]
        with pytest.raises(ProcessGone, match="on another machine"):
            await supervisor.kill(Process("chat-b:web.1", child.pid or 0))
        await supervisor.restart(Process("chat-a:web.1", child.pid or 0))


async def test_without_a_supervisor_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whether there is no socket, nobody behind it, or nobody who answers."""
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    assert not Supervisor(tmp_path).is_there
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SupervisorUnreachable):
            await Supervisor(folder).processes()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as silent:
        silent.bind(str(tmp_path / "control"))
        with pytest.raises(SupervisorUnreachable):
            await Supervisor(tmp_path).processes()
    with pytest.raises(SupervisorUnreachable, match="scripts/serve"):
        await Supervisor(tmp_path).processes()
