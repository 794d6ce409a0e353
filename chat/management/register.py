"""Access to the register of tokens for commands, which run beside the site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from django.conf import settings
from django.core.management.base import CommandError

from chat.components import build_store, redis_url
from chat.domain.exceptions import RunLogUnreachable
from chat.grants.secret_keys import is_another
from chat.grants.tokens import Tokens
from chat.runs.scripts import SCRIPTS
from redis_link.address import parse_address
from redis_link.exceptions import RedisLinkError
from redis_link.fitting import opened
from redis_link.link import Link, RedisLink
from redis_link.prefixed import prefixed

T = TypeVar("T")

OTHER_KEY = (
    "The site has another secret key than this shell, and would refuse a token signed with this one. Name the site's "
    "folder with CHAT_DATA, or set DJANGO_SECRET_KEY as for the site."
)


def with_tokens(work: Callable[[Tokens], Awaitable[T]]) -> T:
    """The result of ``work`` with the site's register of tokens. Raises `CommandError`: its Redis cannot be used."""
    return _with_redis(lambda link: work(Tokens(build_store(link))))


def check_signer() -> None:
    """Raises `CommandError`: the site's Redis cannot be used, or the site would refuse what is signed with our key."""
    keys = settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS
    if _with_redis(lambda link: is_another(prefixed(link, settings.REDIS_KEY_PREFIX), *keys)):
        raise CommandError(OTHER_KEY)


def _with_redis(work: Callable[[Link], Awaitable[T]]) -> T:
    async def connected() -> T:
        link = await opened(RedisLink(parse_address(redis_url()), scripts=SCRIPTS))
        try:
            return await work(link)
        finally:
            await link.close()

    try:
        return asyncio.run(connected())
    except (RedisLinkError, RunLogUnreachable) as error:
        raise CommandError(
            f"The site's tokens are listed in its Redis. {str(error) or 'It does not answer.'} Start the site, name "
            "its folder with CHAT_DATA, or its Redis with REDIS_URL."
        ) from None
