"""How long other visitors wait for their pages while one visitor opens websockets and never reads.

    python -m benchmarks.hostile_sockets [--seconds N] [--visitors N] [--sockets N]

One worker. Each of the other visitors loads the page of a small session twice a second: first with nobody else there,
then while one visitor has as many sockets open as allowed, on each of which a long answer is requested again and again
but never read. A closed socket is replaced. Targets: a p95 under 0.5 s for the others, and less than 150 MB more
memory of the worker; the exit status is 1 if one is missed. `benchmarks.hostile_reload` does the same with Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from benchmarks import stack
from benchmarks.hostile_reload import ALLOWED, measure, print_waits, visitor
from benchmarks.loopback import machine, pss
from benchmarks.turn import quantile
from tests.support.hostile_markdown import ORDINARY
from tests.support.scripted_openai import Reply, ScriptedOpenAI

#: The target, in MB.
ALLOWED_MEMORY = 150
#: Characters of the answer that is requested again and again.
ANSWER = 190_000
#: Requests for it on one socket.
REQUESTS = 100


def main() -> int:
    """1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="of each of the two measurements")
    parser.add_argument("--visitors", type=int, default=5, help="that want their pages meanwhile")
    parser.add_argument("--sockets", type=int, default=50, help="that the one visitor keeps open")
    options = parser.parse_args()
    print(machine())
    with ExitStack() as up:
        folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="hostile-sockets-")))
        model = up.enter_context(ScriptedOpenAI())
        model.enqueue(Reply(["\N{TRUMPET}" * 1000] * (ANSWER // 1000)))
        site = up.enter_context(stack.product(folder, model.url))
        others = [visitor(site, ["Hello **Bob**.", ORDINARY(1_000)]) for _ in range(options.visitors)]
        token = stack.token(site)
        asyncio.run(answered(site, token))
        alone, _ = measure(site, others, [], options.seconds)
        before = pss(site.pids[0])
        crowd = threading.Thread(target=lambda: asyncio.run(silence(site, token, options)))
        crowd.start()
        beside, _ = measure(site, others, [], options.seconds)
        grown = pss(site.pids[0]) - before
        crowd.join()
    return report(alone, beside, grown)


def report(alone: list[float], beside: list[float], grown: float) -> int:
    """Print the figures; 1 if a target is missed."""
    print_waits({"alone": alone, "beside the sockets": beside})
    print(f"the worker's memory grew by {grown:.0f} MB")
    met = quantile(beside, 0.95) < ALLOWED and grown < ALLOWED_MEMORY
    print(f"targets: p95 under {ALLOWED} s, under {ALLOWED_MEMORY} MB: {'met' if met else 'missed'}")
    return 0 if met else 1


def address(site: stack.Product) -> str:
    return f"{site.web.url.replace('http', 'ws', 1)}/ws/v1/chat"


async def answered(site: stack.Product, token: str) -> None:
    """Have the long answer written."""
    async with stack.client(site, token) as chat:
        await chat.ask("s", "tell me all")


async def silence(site: stack.Product, token: str, options: Any) -> None:
    """Keep the sockets open that never read, until the measurement is over."""
    end = time.monotonic() + options.seconds
    await asyncio.gather(*(one_socket(site, token, end) for _ in range(options.sockets)))


async def one_socket(site: stack.Product, token: str, end: float) -> None:
    while time.monotonic() < end:
        try:
            async with requesting(site, token):
                await asyncio.sleep(max(end - time.monotonic(), 0))
        except (OSError, WebSocketException):
            await asyncio.sleep(0.1)


@asynccontextmanager
async def requesting(site: stack.Product, token: str) -> AsyncIterator[ClientConnection]:
    """A socket on which the answer has been requested often."""
    offers = [Subprotocol("ai-sdk.v1"), Subprotocol(f"bearer.{token}")]
    async with connect(address(site), subprotocols=offers, proxy=None, max_queue=1, close_timeout=0.1) as socket:
        for number in range(REQUESTS):
            await socket.send(json.dumps({"type": "resume", "requestId": f"r{number}", "id": "s"}))
        yield socket


if __name__ == "__main__":
    sys.exit(main())
