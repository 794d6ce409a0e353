"""What the benchmarks of the web tier compare: this site, that of another commit, and the smallest Channels chat."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import stack
from benchmarks.commits import checked_out
from tests.support.servers import REPOSITORY, Server

#: The model's seconds to its first token, and between tokens.
FIRST, PACE = 0.25, 0.05
#: Exchanges in each session before the first question.
REMEMBERED = 4


@dataclass(frozen=True)
class Side:
    """One side: the plan of its load client, and its site, which the smallest chat is not."""

    name: str
    plan: Mapping[str, Any]
    site: stack.Product | None = None

    @property
    def workers(self) -> list[int]:
        """The process ids of its workers."""
        pids: list[int] = self.plan["pids"]
        return pids


@contextmanager
def sides(workers: int, against: str = "", *, baseline: bool = True) -> Iterator[list[Side]]:
    """The site, that of the commit ``against`` if it is named, and the baseline, all with the same model."""
    with ExitStack() as up:
        folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="sides-")))
        model = up.enter_context(stack.python("benchmarks.token_model", folder / "model.log", FIRST, PACE))
        sources = {"site": REPOSITORY} | ({against: up.enter_context(checked_out(against))} if against else {})
        found = []
        for number, (name, source) in enumerate(sources.items()):
            place = folder / str(number)
            place.mkdir()
            site = up.enter_context(stack.product(place, f"{model.url}/v1", workers=workers, source=source))
            found.append(site_side(site, name))
        if baseline:
            keys = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "none"}
            log = folder / "baseline.log"
            servers = [up.enter_context(stack.worker("benchmarks.token_baseline", log, keys)) for _ in range(workers)]
            pids = [server.process.pid for server in servers]
            found.append(Side("baseline", _plan(servers, "/", {}, product=False, pids=pids)))
        yield found


def site_side(site: stack.Product, name: str = "site") -> Side:
    """The site, as used by a new visitor whose sessions have messages and a summary."""
    owner, headers = stack.visitor(site.web)
    remember(site.memory, owner)
    return Side(name, _plan(site.workers, "/ws/v1/chat", headers, product=True, pids=site.pids), site)


def _plan(
    servers: Sequence[Server], path: str, headers: dict[str, str], *, product: bool, pids: list[int]
) -> dict[str, Any]:
    ports = [stack.port_of(server) for server in servers]
    return {"ports": ports, "path": path, "headers": headers, "product": product, "pids": pids}


def one_round(side: Side, seconds: float, **load: Any) -> dict[str, Any]:
    """The results of the load client, which runs in a separate process: ``chats``, ``words``, ``think``, ``ramp``."""
    plan = {**side.plan, "seconds": seconds, **load}
    command = [sys.executable, "-m", "benchmarks.token_load", json.dumps(plan)]
    patience = plan["ramp"] + seconds + 60
    run = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    if run.returncode:
        raise SystemExit(f"The load on the {side.name} failed: {run.stderr.strip()}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def remember(memory: Server, owner: str, sessions: int = 200, exchanges: int = REMEMBERED, first: int = 0) -> None:
    """Give each session a memory, so that even the first turn has something to load. ``first``: its number."""
    exchange = [
        {"role": "Human", "content": "Where is the amplifier, and who put it there?"},
        {"role": "AI", "content": "It is behind the drums, where Bob put it after the rehearsal on Tuesday. " * 3},
    ]
    body = json.dumps({"messages": exchange * exchanges, "context": "The user is Bob, who plays the drums."}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for number in range(first, first + sessions):
        path = f"/sessions/{owner}.s{number}/memory?namespace=chat.{owner}"
        request = urllib.request.Request(  # noqa: S310 - our own loopback server
            memory.url + path, body, {"Content-Type": "application/json"}, method="POST"
        )
        opener.open(request, timeout=10).close()
