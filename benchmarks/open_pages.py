"""What open pages and chats cost on two sites with two workers each, behind nginx.

    python -m benchmarks.open_pages [--pages 2000] [--chats 300] [--words 40] [--think 20] [--seconds 20] [--json FILE]

Each page is a visitor of its own with a session of eight messages: the page is loaded, and its websocket stays open.
First nobody does anything; then all pages are visible, and ask for a sign of life after four seconds of silence, as a
browser's do; then some of them chat: 20 words a second, and up to ``--think`` seconds until the next message. One
store, which fsyncs every write, serves both sites. Two runs with different ``--words`` tell what a word costs.

For each step it prints the CPU of each part (all workers, both memory servers, Redis, nginx), Redis's commands and
bytes, and the requests to the memory servers: for a page, for a thousand open pages a second, for a turn. The first
word is measured as in ``benchmarks.turn``. It only reports: its exit status is 0 unless pages are lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from benchmarks import stack
from benchmarks.costs import PARTS, Costs, Meter
from benchmarks.loopback import machine
from benchmarks.sides import FIRST, PACE
from benchmarks.turn import quantile
from benchmarks.visitors import EXCHANGE, Seen, Visitor
from tests.support.machines.parts import all_ready
from tests.support.machines.sites import MEMORY_TOKEN, Sites, running_sites
from tests.support.servers import PROXIES, running, start_valkey

#: Things that are done at a time while the pages are opened, and exchanges in each session.
AT_ONCE, REMEMBERED = 16, 4
#: Seconds until all chats are under way, and for the last answers.
RAMP, REST = 5.0, 10.0


def main() -> int:
    """Run the benchmark. Returns 1 if pages were lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--chats", type=int, default=300)
    parser.add_argument("--words", type=int, default=40, help="of an answer")
    parser.add_argument("--think", type=float, default=20.0, help="the most seconds before the next message")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each step")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # children inherit it
    for name in PROXIES:
        os.environ.pop(name, None)
    print(machine(), flush=True)
    with ExitStack() as up:
        folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="open-pages-")))
        model = up.enter_context(stack.python("benchmarks.token_model", folder / "model.log", FIRST, PACE))
        store = up.enter_context(running(start_valkey(folder)))
        sites = up.enter_context(running_sites(folder, store.url, f"{model.url}/v1", {}))
        found = uvloop.run(measure(sites, Meter(sites, store), options))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 1 if found["lost"] else 0


async def measure(sites: Sites, meter: Meter, options: argparse.Namespace) -> dict[str, Any]:
    """Carry out all steps."""
    await all_ready(sites.parts.values())
    seen, found = Seen(), dict[str, Any]()
    visitors = [Visitor(seen) for _ in range(options.pages)]
    before, data = meter.memory(), meter.used_memory()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        memory = sites.of(":memory")[0].server.url
        await each(visitors, lambda visitor: visitor.visit(http, sites.url))
        give = partial(Visitor.remember, http=http, memory=memory, token=MEMORY_TOKEN, exchanges=REMEMBERED)
        await each(visitors, give)
        show_data(found, (meter.used_memory() - data) / options.pages)
        loading = await during(meter, each(visitors, lambda visitor: visitor.load(http, sites.url)))
        show(found, "a page loaded", loading, options.pages)
    port = int(sites.url.rpartition(":")[2])
    opening = await during(meter, each(visitors, lambda visitor: visitor.connect(port)))
    show(found, "a websocket opened", opening, options.pages)
    await asyncio.sleep(REST)
    show_memory(found, before, meter.memory(), options.pages)
    thousands = options.pages / 1000 * options.seconds
    show(found, "1,000 hidden pages, a second", await during(meter, asyncio.sleep(options.seconds)), thousands)
    for visitor in visitors:
        visitor.show()
    await asyncio.sleep(RAMP)
    visible = await during(meter, asyncio.sleep(options.seconds))
    show(found, "1,000 visible pages, a second", visible, thousands)
    await chats(found, visitors, seen, meter, options, visible)
    found["lost"] = sum(visitor.lost for visitor in visitors)
    print(f"{found['lost']} of {options.pages} pages were lost, {len(seen.errors)} turns refused {seen.errors[:1]}")
    return found


async def chats(
    found: dict[str, Any], visitors: Sequence[Visitor], seen: Seen, meter: Meter, options: argparse.Namespace,
    visible: Costs,
) -> None:  # fmt: skip
    """Let some visitors chat, and report their turns; ``visible`` is what the pages alone cost in as long."""
    loop = asyncio.get_running_loop()
    talkers = visitors[: options.chats]
    until = loop.time() + options.think + options.seconds
    for visitor in talkers:
        visitor.chat({"words": options.words, "think": options.think, "until": until})
    await asyncio.sleep(options.think)
    seen.added.clear()
    seen.asked.clear()
    turns, frames, received = seen.turns, seen.frames, seen.received
    spent = await during(meter, asyncio.sleep(options.seconds))
    turns, frames, received = seen.turns - turns, seen.frames - frames, seen.received - received
    if not turns:
        raise SystemExit(f"No turn was answered; {sum(each.lost for each in visitors)} pages were lost.")
    words = [asked + added for asked, added in zip(seen.asked, seen.added, strict=True)]
    show(found, "a turn, without its page", spent.since(visible), turns)
    rate = {
        "turns a second": turns / options.seconds,
        "tokens a second": turns * options.words / options.seconds,
        "frames a second, all pages": frames / options.seconds,
        "kB a second, all pages": received / options.seconds / 1000,
        "first word p50 ms": quantile(words, 0.5),
        "first word p99 ms": quantile(words, 0.99),
        "CPU of the workers, cores": spent.cpu["web"] / options.seconds,
    }
    found[f"{options.chats} chats"] = rate
    print(f"\n{options.chats} chats: " + ", ".join(f"{name} {value:,.1f}" for name, value in rate.items()), flush=True)
    deadline = loop.time() + REST
    while loop.time() < deadline and any(visitor.listens for visitor in talkers):  # noqa: ASYNC110 - polls hundreds
        await asyncio.sleep(0.1)


async def each(visitors: Sequence[Visitor], do: Callable[[Visitor], Awaitable[None]]) -> None:
    """Do something for each visitor, a few at a time."""
    left = iter(visitors)

    async def some() -> None:
        for visitor in left:
            await do(visitor)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def during(meter: Meter, work: Awaitable[Any]) -> Costs:
    """What is spent while ``work`` is done."""
    before = await asyncio.to_thread(meter.costs)
    await work
    return (await asyncio.to_thread(meter.costs)).since(before)


# --- What is printed ------------------------------------------------------------------------------------------------


def show(found: dict[str, Any], name: str, costs: Costs, count: float) -> None:
    """Print what one of ``count`` costs."""
    each_cpu = {part: costs.cpu[part] / count * 1000 for part in PARTS}
    counts = {
        "commands": costs.commands / count, "kB in": costs.bytes_in / count / 1000,
        "kB out": costs.bytes_out / count / 1000, "kB to disk": costs.disk / count / 1000,
        "requests": costs.requests / count,
    }  # fmt: skip
    found[name] = {"cpu ms": each_cpu, **counts}
    cpu = ", ".join(f"{part} {value:.2f}" for part, value in each_cpu.items())
    print(f"{name:<32} ms of CPU: {cpu}; Redis: " + ", ".join(f"{value:.1f} {key}" for key, value in counts.items()))


def show_memory(found: dict[str, Any], before: dict[str, float], after: dict[str, float], pages: int) -> None:
    """Print what an open page adds to the memory of each part."""
    grown = {part: (after[part] - before[part]) * 1024 / pages for part in PARTS}
    found["MiB before"], found["KiB a page"] = before, grown
    print("MiB without pages: " + ", ".join(f"{part} {value:.0f}" for part, value in before.items()))
    print("KiB (PSS) an open page: " + ", ".join(f"{part} {value:.1f}" for part, value in grown.items()), flush=True)


def show_data(found: dict[str, Any], size: float) -> None:
    """Print the ``size`` of a session in the store: bytes."""
    found["bytes of a session"] = size
    text = sum(len(message["content"]) for message in EXCHANGE) * REMEMBERED
    print(f"bytes in Redis: {size:,.0f} for a visitor with a session of {text:,} characters", flush=True)


if __name__ == "__main__":
    sys.exit(main())
