"""The metrics of all processes that share a folder."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from telemetry import siblings
from telemetry.exposition import Family
from telemetry.siblings import Siblings
from tests.support.servers import PATIENCE

#: A sibling in a process of its own, which ends when its input does.
OTHER = """
import asyncio, sys
from pathlib import Path
from telemetry.exposition import Family
from telemetry.siblings import Siblings

async def collect():
    return [Family("turns", "counter", "Turns.", ["turns 2"])]

async def main():
    async with Siblings(Path(sys.argv[1]), collect).answering():
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"""


def collecting(line: str) -> Callable[[], Awaitable[list[Family]]]:
    """The collection of a process whose only sample is ``line``."""

    async def collect() -> list[Family]:
        return [Family("turns", "counter", "Turns.", [line])]

    return collect


async def other(folder: Path) -> asyncio.subprocess.Process:
    """Another process with a socket in ``folder``."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER, str(folder), stdin=pipe, stdout=pipe, cwd=Path(siblings.__file__).parents[1]
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def samples(asked: Siblings) -> list[str]:
    """The samples in the answer of ``asked``."""
    return [line for family in await asked.gather() for line in family.samples]


async def test_whichever_process_is_asked_answers_for_all(tmp_path: Path) -> None:
    """Its own metrics come first. A process that was killed is left out, and so is its socket."""
    folder = tmp_path / ("a-long-name" * 10) / "metrics"
    async with AsyncExitStack() as stack:
        here = Siblings(folder, collecting("turns 1"))
        await stack.enter_async_context(here.answering())
        process = await other(folder)
        assert await samples(here) == ["turns 1", "turns 2"]
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert await samples(here) == ["turns 1"]
        assert [each.name for each in folder.iterdir()] == [f"{socket.gethostname()}-{os.getpid()}"]
    assert list(folder.iterdir()) == []


async def test_a_process_that_hangs_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others answer without it, and its socket stays."""
    monkeypatch.setattr(siblings, "PATIENCE", 0.1)
    path = tmp_path / f"{socket.gethostname()}-1"
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(path))
        hanging.listen()
        assert await samples(Siblings(tmp_path, collecting("turns 1"))) == ["turns 1"]
    assert path.exists()


async def test_processes_of_other_machines_are_not_asked(tmp_path: Path) -> None:
    """Their sockets, in a folder that several machines share, lead nowhere here, but they are not dead."""
    path = tmp_path / "elsewhere-1"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert await samples(Siblings(tmp_path, collecting("turns 1"))) == ["turns 1"]
    assert path.exists()


async def test_only_sockets_of_siblings_are_touched(tmp_path: Path) -> None:
    """Files, links and folders stay, as do dead sockets of a host whose name begins like this one's."""
    host = socket.gethostname()
    (tmp_path / f"{host}-1").touch()
    (tmp_path / f"{host}-2").mkdir()
    for name in (f"{host}-3-4", f"{host}-x", "dead"):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(tmp_path / name))
    (tmp_path / f"{host}-5").symlink_to("dead")
    before = sorted(os.listdir(tmp_path))
    assert await samples(Siblings(tmp_path, collecting("turns 1"))) == ["turns 1"]
    assert sorted(os.listdir(tmp_path)) == before


async def test_a_sibling_that_never_stops_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is read up to a size, however long there is patience."""
    monkeypatch.setattr(siblings, "MOST", 2**20)
    monkeypatch.setattr(siblings, "PATIENCE", 100 * PATIENCE)
    left = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                writer.write(b" " * 2**16)
                await writer.drain()
        left.set()
        writer.close()

    async with await asyncio.start_unix_server(answer, tmp_path / f"{socket.gethostname()}-1"):
        assert await samples(Siblings(tmp_path, collecting("turns 1"))) == ["turns 1"]
        await asyncio.wait_for(left.wait(), 20 * PATIENCE)


async def test_a_folder_that_holds_no_sockets_is_no_reason_to_fail(tmp_path: Path) -> None:
    """The process then answers for itself alone."""
    (tmp_path / "file").touch()
    here = Siblings(tmp_path / "file" / "metrics", collecting("turns 1"))
    await here.keep_answering()
    assert await samples(here) == ["turns 1"]


async def test_an_answer_that_is_not_of_a_sibling_is_left_out(tmp_path: Path) -> None:
    """Such as that of an older version during an update."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"[{}]")
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / f"{socket.gethostname()}-1")
    async with server:
        assert await samples(Siblings(tmp_path, collecting("turns 1"))) == ["turns 1"]
