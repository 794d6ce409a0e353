"""Links to the test's Redis, for parts of the chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis_link.address import parse_address
from redis_link.fitting import FittingLink


@asynccontextmanager
async def linked(url: str, **options: float) -> AsyncIterator[FittingLink]:
    """A process's link to the Redis at ``url``, which is connected to when it is first used."""
    link = FittingLink(parse_address(url), **options)  # type: ignore[arg-type]
    yield link
    await link.close()
