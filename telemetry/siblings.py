"""The metrics of all processes that share a folder: whichever of them is asked answers for all.

Workers behind one port are one target to Prometheus, and each scrape reaches any one of them. So each has a socket in
the folder, where the others ask for its metrics. Counting costs nothing for that, a process that was killed leaves no
counts behind, and each process keeps its own samples, by its own labels.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import msgspec

from telemetry.exposition import Family, distinct, merged

#: Seconds to wait for a sibling, which may hang. Prometheus waits for 10.
PATIENCE = 2.0
#: The most bytes of a sibling's answer: hundreds of times those of a busy process.
MOST = 16 * 2**20


class Siblings:
    """The processes of this machine with a socket in ``folder``. ``collect`` returns the metrics of this one."""

    def __init__(self, folder: Path, collect: Callable[[], Awaitable[list[Family]]]) -> None:
        self._folder = folder
        self._collect = collect
        host = socket.gethostname()
        self._of_host = re.compile(rf"{re.escape(host)}-[0-9]+")
        self._name = f"{host}-{os.getpid()}"

    async def keep_answering(self) -> None:
        """Answer the siblings until cancelled. Where the folder can hold no sockets, return at once."""
        with suppress(OSError):
            async with self.answering():
                await asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Answer the siblings meanwhile. Raises `OSError`: the folder can hold no sockets."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _reached(self._folder) as folder:
            listener = _listener(folder, self._name)
        server = await asyncio.start_unix_server(self._answer, sock=listener)
        try:
            yield
        finally:
            server.close()
            (self._folder / self._name).unlink(missing_ok=True)

    async def gather(self) -> list[Family]:
        """The metrics of all processes, those of this one first. Processes that do not answer are left out."""
        others = [name for name in self._names() if name != self._name]
        found = await asyncio.gather(self._collect(), *map(self._ask, others))
        pids = (name.rpartition("-")[2] for name in (self._name, *others))
        return merged(distinct(dict(zip(pids, found, strict=True))))

    def _names(self) -> list[str]:
        with suppress(OSError):
            return sorted(each.name for each in self._folder.iterdir() if self._is_of_sibling(each))
        return []

    def _is_of_sibling(self, path: Path) -> bool:
        return bool(self._of_host.fullmatch(path.name)) and path.is_socket() and not path.is_symlink()

    async def _ask(self, name: str) -> list[Family]:
        try:
            async with asyncio.timeout(PATIENCE):
                return msgspec.json.decode(await self._read(name), type=list[Family])
        except ConnectionRefusedError:  # it was killed
            (self._folder / name).unlink(missing_ok=True)
        except (OSError, msgspec.MsgspecError):
            pass
        return []

    async def _read(self, name: str) -> bytes:
        with socket.socket(socket.AF_UNIX) as line, _reached(self._folder) as folder:
            line.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(line, f"{folder}/{name}")
            answer = bytearray()
            while part := await loop.sock_recv(line, 65_536):
                answer += part
                if len(answer) > MOST:
                    raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
            return bytes(answer)

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # the sibling has left
            try:
                writer.write(msgspec.json.encode(await self._collect()))
                await writer.drain()
            finally:
                writer.close()


def _listener(folder: str, name: str) -> socket.socket:
    """A socket that appears under its name once it listens, as one that refuses is taken for a dead process's."""
    line = socket.socket(socket.AF_UNIX)
    try:
        with suppress(FileNotFoundError):
            os.unlink(f"{folder}/.{name}")
        line.bind(f"{folder}/.{name}")
        line.listen()
        os.rename(f"{folder}/.{name}", f"{folder}/{name}")
    except BaseException:
        line.close()
        raise
    return line


@contextmanager
def _reached(folder: Path) -> Iterator[str]:
    """A short path to the folder: its own may be too long for the address of a socket."""
    opened = os.open(folder, os.O_PATH)
    try:
        yield f"/proc/self/fd/{opened}"
    finally:
        os.close(opened)
