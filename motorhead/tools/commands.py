"""The user interface of the commands ``import`` and ``fsck``."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from motorhead.config import Settings
from motorhead.store.connect import connect
from motorhead.store.listing import Listing
from motorhead.tools.fsck import Fsck
from motorhead.tools.importer import Import
from motorhead.tools.original import Original
from motorhead.tools.staging import Takeover
from redis_link.address import Address, parse_address
from redis_link.link import Link

#: Characters of the progress bar.
WIDTH = 40


@asynccontextmanager
async def opened(address: Address, seconds: float, prefix: str = "") -> AsyncIterator[Link]:
    """An open link to ``address``, closed at the end of the block. Answers must arrive within ``seconds``."""
    link = await connect(address, seconds, prefix)
    try:
        yield link
    finally:
        await link.close()


async def take_over(settings: Settings, source_url: str, *, again: bool) -> int:
    """Import from the Redis of an existing Motörhead; the exit status, 1 if anything was left out.

    ``again``: also import sessions that were imported before and then deleted here.
    """
    old = parse_address(source_url, "The address to import from")
    async with (
        opened(old, settings.redis_timeout) as source,
        opened(parse_address(settings.redis_url), settings.redis_timeout, settings.redis_prefix) as target,
    ):
        report = await Import(Original(source), Takeover(target), again=again).run(show_progress)
    for line in report.lines():
        print(line)
    return 1 if report.skipped else 0


async def examine(settings: Settings, *, mend: bool) -> int:
    """Check the store, with ``mend`` also repair it; the exit status, 1 if any damage is left."""
    async with opened(parse_address(settings.redis_url), settings.redis_timeout, settings.redis_prefix) as link:
        found = await Fsck(link, Listing(link), mend=mend).run()
    for sentence in found.sentences:
        print(sentence)
    print(f"{found.sessions} sessions, {len(found.sentences)} findings, {found.left} left.")
    return 1 if found.left else 0


def show_progress(done: int, of: int) -> None:
    """Print a progress bar on a terminal, or elsewhere a line for every tenth."""
    if sys.stderr.isatty():
        filled = WIDTH * done // max(of, 1)
        bar = "█" * filled + "·" * (WIDTH - filled)
        print(f"\r{bar} {done}/{of} sessions", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done * 10 % max(of, 1) < 10 or done == of:
        print(f"{done}/{of} sessions", file=sys.stderr, flush=True)
