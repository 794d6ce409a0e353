"""A process's connection to the test's Redis, for parts of the chat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chat.runs.bells import Bells
from chat.runs.scripts import SCRIPTS
from chat.runs.store import Store
from redis_link.address import parse_address
from redis_link.fitting import FittingLink
from redis_link.subscriptions import Subscriptions


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[FittingLink]:
    """A link to the Redis at ``url``, which is connected to when it is first used."""
    link = FittingLink(parse_address(url), scripts=SCRIPTS)
    yield link
    await link.close()


@dataclass(frozen=True)
class Process:
    """What the parts of one process share."""

    store: Store
    subscriptions: Subscriptions
    bells: Bells


@asynccontextmanager
async def process(url: str, disk_is_full: Callable[[], bool] = lambda: False) -> AsyncIterator[Process]:
    """A process on the Redis at ``url``."""
    async with linked(url) as link:
        store, subscriptions = Store(link, disk_is_full), Subscriptions(link)
        yield Process(store, subscriptions, Bells(store, subscriptions))
        await subscriptions.close()
