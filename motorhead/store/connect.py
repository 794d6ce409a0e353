"""The memory server's link to Redis, with its Lua scripts and its sentences for Redis's errors."""

from __future__ import annotations

from collections.abc import Callable

from motorhead.store.redis_errors import refusal
from motorhead.store.scripts import SCRIPTS
from redis_link.address import Address
from redis_link.cluster import fitting_link
from redis_link.link import Link, RedisLink
from redis_link.prefixed import prefixed


def link_to(
    address: Address, *, timeout: float = 5.0, on_reply: Callable[[float], None] = lambda seconds: None
) -> RedisLink:
    """A link to one Redis server, not yet open. Every answer must arrive within ``timeout`` seconds."""
    return RedisLink(address, timeout=timeout, scripts=SCRIPTS, refusal=refusal, on_reply=on_reply)


async def connect(
    address: Address,
    answer_within: float,
    prefix: str = "",
    *,
    on_reply: Callable[[float], None] = lambda seconds: None,
) -> Link:
    """An open link to the server at ``address``, or to the whole cluster of a node; ``answer_within`` in seconds.

    All its keys begin with ``prefix``.

    Raises `redis_link.exceptions.StoreUnavailable`: the server cannot be used.
    """
    link = link_to(address, timeout=answer_within, on_reply=on_reply)
    try:
        await link.open()
        return prefixed(await fitting_link(link), prefix)
    except BaseException:
        await link.close()
        raise
