"""The memory that idle websockets cost a worker, and that the whole site takes.

    python -m benchmarks.idle [--sockets 1000] [--json FILE]

For each of the two kinds of websocket, it measures the PSS (proportional set size) of a fresh worker before and after
opening the sockets. Each is that of another visitor, with a session of four exchanges. Then it measures the PSS of
every process of ``manage.py serve`` with the stand-in model, after loading the page and answering a question. The
benchmark only reports: its exit status is always 0.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import stack
from benchmarks.loopback import RawSocket, machine, open_socket, pss
from benchmarks.sides import remember
from tests.support.servers import Site, running, start_site

Headers = dict[str, str]

#: The paths of the sockets, by the names of the rows.
PATHS = {"/ws/v1/chat": "/ws/v1/chat", "/ws/session/<id>": "/ws/session/s0"}
#: The most MiB that 1,000 sockets may add to a worker, and that all processes may take.
ALLOWED, ALLOWED_TOGETHER = 30.0, 500.0
#: Sockets to open at a time, and to warm up a worker with.
AT_A_TIME, WARMING = 25, 50
#: Seconds without a frame after which the sockets count as idle.
REST = 3.0


class SilenceDetector:
    """Waits until no frame has arrived for a while."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._quiet = asyncio.Event()
        self._timer = self._loop.call_later(REST, self._quiet.set)

    def hear(self, _: bytes) -> None:
        """Note that a frame arrived."""
        self._timer.cancel()
        self._quiet.clear()
        self._timer = self._loop.call_later(REST, self._quiet.set)

    async def silence(self) -> None:
        """Return once no frame has arrived for `REST` seconds."""
        self.hear(b"")
        await self._quiet.wait()


async def open_all(port: int, path: str, visitors: Sequence[Headers], frames: SilenceDetector) -> list[RawSocket]:
    """An open, idle socket of each of the ``visitors``."""
    sockets: list[RawSocket] = []
    for first in range(0, len(visitors), AT_A_TIME):
        some = visitors[first : first + AT_A_TIME]
        sockets += await asyncio.gather(*(open_socket(port, path, headers, frames.hear) for headers in some))
    await frames.silence()
    return sockets


async def growth(site: stack.Product, path: str, count: int) -> float:
    """MiB that ``count`` sockets add to the worker."""
    visitors = [visitor(site) for _ in range(count)]
    port, frames = stack.port_of(site.web), SilenceDetector()
    for socket in await open_all(port, path, visitors[:WARMING], frames):
        socket.close()
    await frames.silence()
    before = pss(site.pids[0])
    sockets = await open_all(port, path, visitors, frames)
    grown = pss(site.pids[0]) - before
    if lost := sum(socket.lost for socket in sockets):
        raise SystemExit(f"{lost} of {count} sockets were lost.")
    return grown


def visitor(site: stack.Product) -> Headers:
    """The headers of a new visitor, who has the session ``s0``."""
    owner, headers = stack.visitor(site.web)
    remember(site.memory, owner, 1)
    return headers


@contextmanager
def fresh_site() -> Iterator[stack.Product]:
    """A worker that has done nothing yet, with a model that is never called."""
    with tempfile.TemporaryDirectory(prefix="idle-") as name:
        folder = Path(name)
        model = stack.python("benchmarks.token_model", folder / "model.log", 0.1, 0.05)
        with model as asked, stack.product(folder, f"{asked.url}/v1") as site:
            yield site


def weigh_site(folder: Path) -> dict[str, float]:
    """MiB of each process of the whole site, by name."""
    site = start_site(folder / "site")
    with running(site):
        asyncio.run(use(site))
        pids = {"supervisor": site.process.pid, **site.pids()}
        return {name: pss(pid) for name, pid in pids.items()}


async def use(site: Site) -> None:
    """Load the page, and ask a question."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(site.url, timeout=20).read()
    async with stack.client(site, stack.token(site)) as chat:
        await chat.ask("s", "hi im bob")


def main() -> int:
    """Run the benchmark. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # children inherit it
    print(machine())
    sockets = {name: show_growth(name, path, options.sockets) for name, path in PATHS.items()}
    with tempfile.TemporaryDirectory(prefix="idle-") as folder:
        processes = weigh_site(Path(folder))
    show_processes(processes)
    if options.json:
        options.json.write_text(json.dumps({"sockets": sockets, "processes": processes}, indent=1))
    return 0


def show_growth(name: str, path: str, count: int) -> float:
    """Measure one kind of socket and print the result. Returns MiB for a thousand sockets."""
    with fresh_site() as site:
        thousand = asyncio.run(growth(site, path, count)) / count * 1000
    verdict = "met" if thousand <= ALLOWED else "missed"
    print(f"{name:<20}{thousand:>7.1f} MiB for 1,000 idle sockets (target: {ALLOWED:g}, {verdict})", flush=True)
    return thousand


def show_processes(processes: dict[str, float]) -> None:
    """Print the memory of each process and of all together."""
    for name, size in processes.items():
        print(f"{name:<20}{size:>7.1f} MiB")
    together = sum(processes.values())
    verdict = "met" if together < ALLOWED_TOGETHER else "missed"
    print(f"{'together':<20}{together:>7.1f} MiB (target: under {ALLOWED_TOGETHER:g}, {verdict})")


if __name__ == "__main__":
    sys.exit(main())
