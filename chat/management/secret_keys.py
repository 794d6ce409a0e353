"""What the commands about the site's secret key share: its Redis, and what was left for a Redis that was not there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.management.base import CommandError

from redis_link.address import parse_address
from redis_link.exceptions import RedisLinkError
from redis_link.fitting import opened
from redis_link.link import Link, RedisLink
from redis_link.prefixed import prefixed

T = TypeVar("T")


def accepted_file() -> Path:
    """The file with the fingerprint of a key that was accepted while the site's own Valkey was not running."""
    return Path(settings.DATA) / "accepted_secret_key"


def with_link(url: str, work: Callable[[Link], Awaitable[T]]) -> T:
    """The result of ``work`` with the Redis at ``url``. Raises `CommandError`: it cannot be used."""

    async def connected() -> T:
        link = await opened(RedisLink(parse_address(url)))
        try:
            return await work(prefixed(link, settings.REDIS_KEY_PREFIX))
        finally:
            await link.close()

    try:
        return asyncio.run(connected())
    except RedisLinkError as error:
        raise CommandError(f"{error} See REDIS_URL.") from None
