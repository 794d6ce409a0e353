"""Access to the register of tokens for commands, which run beside the site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from django.core.management.base import CommandError

from chat.components import build_link, build_store
from chat.domain.exceptions import RunLogUnreachable
from chat.grants.tokens import Tokens

T = TypeVar("T")


def with_tokens(work: Callable[[Tokens], Awaitable[T]]) -> T:
    """The result of ``work`` with the site's register of tokens. Raises `CommandError`: its Redis does not answer."""

    async def connected() -> T:
        link = build_link()
        try:
            return await work(Tokens(build_store(link)))
        finally:
            await link.close()

    try:
        return asyncio.run(connected())
    except RunLogUnreachable:
        raise CommandError(
            "The site's Redis cannot be reached, where its tokens are listed. Start the site, name its folder with "
            "CHAT_DATA, or its Redis with REDIS_URL."
        ) from None
