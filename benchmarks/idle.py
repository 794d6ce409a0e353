"""What open sockets that say nothing cost a worker, and what the whole site weighs.

    python -m benchmarks.idle [--sockets 1000] [--json FILE]

For each of the two websockets a fresh worker, its PSS (its part of the machine's memory) before and after so many
sockets are opened and have come to rest; each is of a session of its own, with four exchanges in its memory. Then the
PSS of every process of ``manage.py serve`` with the stand-in model, after a page was loaded and a question answered.
It reports and judges nothing: its exit status is 0.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import stack
from benchmarks.first_token import remember
from benchmarks.loopback import RawSocket, machine, open_socket, pss
from tests.support.servers import Site, running, start_site

#: Of which path there are so many sockets, by the name of the row.
PATHS = {"/ws/v1/chat": "/ws/v1/chat", "/ws/session/<id>": "/ws/session/s{number}"}
#: MiB by which 1,000 sockets may make a worker grow, and that all processes may take up.
ALLOWED, ALLOWED_TOGETHER = 35.0, 500.0
#: Sockets that are opened at a time, and that warm a worker up.
AT_A_TIME, WARMING = 25, 50
#: Seconds without a frame after which the sockets are at rest.
REST = 3.0


class Ears:
    """Knows when nothing has been heard for a while."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._quiet = asyncio.Event()
        self._timer = self._loop.call_later(REST, self._quiet.set)

    def hear(self, _: bytes) -> None:
        """A frame came."""
        self._timer.cancel()
        self._quiet.clear()
        self._timer = self._loop.call_later(REST, self._quiet.set)

    async def silence(self) -> None:
        """Return when nothing was heard for so long."""
        self.hear(b"")
        await self._quiet.wait()


async def open_all(port: int, path: str, headers: dict[str, str], count: int, ears: Ears) -> list[RawSocket]:
    """``count`` sockets, at rest."""
    sockets: list[RawSocket] = []
    for first in range(0, count, AT_A_TIME):
        numbers = range(first, min(count, first + AT_A_TIME))
        opening = (open_socket(port, path.format(number=number), headers, ears.hear) for number in numbers)
        sockets += await asyncio.gather(*opening)
    await ears.silence()
    return sockets


async def growth(site: stack.Product, path: str, count: int) -> float:
    """MiB by which ``count`` sockets make the worker grow."""
    owner, headers = stack.visitor(site.web)
    remember(site.memory, owner, count)
    port, ears = stack.port_of(site.web), Ears()
    for socket in await open_all(port, path, headers, WARMING, ears):
        socket.close()
    await ears.silence()
    before = pss(site.pids[0])
    sockets = await open_all(port, path, headers, count, ears)
    grown = pss(site.pids[0]) - before
    if lost := sum(socket.lost for socket in sockets):
        raise SystemExit(f"{lost} of {count} sockets were lost.")
    return grown


@contextmanager
def fresh_site() -> Iterator[stack.Product]:
    """A worker that has done nothing yet, before a model that nobody asks."""
    with tempfile.TemporaryDirectory(prefix="idle-") as name:
        folder = Path(name)
        model = stack.python("benchmarks.token_model", folder / "model.log", 0.1, 0.05)
        with model as asked, stack.product(folder, f"{asked.url}/v1") as site:
            yield site


def weigh_site(folder: Path) -> dict[str, float]:
    """MiB of each process of the whole site, by its name."""
    site = start_site(folder / "site")
    with running(site):
        asyncio.run(use(site))
        pids = {"supervisor": site.process.pid, **site.pids()}
        return {name: pss(pid) for name, pid in pids.items()}


async def use(site: Site) -> None:
    """Load the page, and have a question answered."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(site.url, timeout=20).read()
    ended = asyncio.Event()
    _, headers = stack.visitor(site)
    path = "/ws/v1/chat"
    socket = await open_socket(
        stack.port_of(site), path, headers, lambda frame: ended.set() if b'"type":"end"' in frame else None
    )
    message = {"id": "m", "role": "user", "parts": [{"type": "text", "text": "hi im bob"}]}
    frame: dict[str, Any] = {"type": "send", "requestId": "r", "id": "s", "trigger": "submit-message"}
    socket.send(json.dumps({**frame, "messages": [message], "headers": {}, "body": {}}).encode())
    await asyncio.wait_for(ended.wait(), 30)
    socket.close()


def main() -> int:
    """Always 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the children have it from here
    print(machine())
    sockets = {name: show_growth(name, path, options.sockets) for name, path in PATHS.items()}
    with tempfile.TemporaryDirectory(prefix="idle-") as folder:
        processes = weigh_site(Path(folder))
    show_processes(processes)
    if options.json:
        options.json.write_text(json.dumps({"sockets": sockets, "processes": processes}, indent=1))
    return 0


def show_growth(name: str, path: str, count: int) -> float:
    """Measure and print one kind of socket; MiB for a thousand of them."""
    with fresh_site() as site:
        thousand = asyncio.run(growth(site, path, count)) / count * 1000
    verdict = "met" if thousand <= ALLOWED else "missed"
    print(f"{name:<20}{thousand:>7.1f} MiB for 1,000 idle sockets (target: {ALLOWED:g}, {verdict})", flush=True)
    return thousand


def show_processes(processes: dict[str, float]) -> None:
    """The weight of each process and of all."""
    for name, size in processes.items():
        print(f"{name:<20}{size:>7.1f} MiB")
    together = sum(processes.values())
    verdict = "met" if together < ALLOWED_TOGETHER else "missed"
    print(f"{'together':<20}{together:>7.1f} MiB (target: under {ALLOWED_TOGETHER:g}, {verdict})")


if __name__ == "__main__":
    sys.exit(main())
