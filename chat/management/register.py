"""Access to the register of tokens for commands, which run beside the site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from django.core.management.base import CommandError

from chat.components import build_store, redis_url
from chat.domain.exceptions import RunLogUnreachable
from chat.grants.tokens import Tokens
from chat.runs.scripts import SCRIPTS
from redis_link.address import parse_address
from redis_link.exceptions import RedisLinkError
from redis_link.fitting import opened
from redis_link.link import RedisLink

T = TypeVar("T")


def with_tokens(work: Callable[[Tokens], Awaitable[T]]) -> T:
    """The result of ``work`` with the site's register of tokens. Raises `CommandError`: its Redis cannot be used."""

    async def connected() -> T:
        link = await opened(RedisLink(parse_address(redis_url()), scripts=SCRIPTS))
        try:
            return await work(Tokens(build_store(link)))
        finally:
            await link.close()

    try:
        return asyncio.run(connected())
    except (RedisLinkError, RunLogUnreachable) as error:
        raise CommandError(
            f"The site's tokens are listed in its Redis. {str(error) or 'It does not answer.'} Start the site, name "
            "its folder with CHAT_DATA, or its Redis with REDIS_URL."
        ) from None
