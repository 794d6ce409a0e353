"""A subscribed connection, over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from redis_link.address import parse_address
from redis_link.exceptions import StoreUnavailable
from redis_link.hearing import Hearing
from redis_link.link import RedisLink
from tests.support.servers import PATIENCE, free_port

SOON = 10 * PATIENCE


class Ears:
    """Collects what a connection reports."""

    def __init__(self) -> None:
        self.reports: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    def heard(self, channel: bytes) -> None:
        self.reports.put_nowait(("heard", channel))

    def ended(self, hearing: Hearing, channel: bytes) -> None:
        self.reports.put_nowait(("ended", channel))

    def lost(self, hearing: Hearing) -> None:
        self.reports.put_nowait(("lost", b""))

    async def next(self) -> tuple[str, bytes]:
        async with asyncio.timeout(SOON):
            return await self.reports.get()


@pytest.fixture
def ears() -> Ears:
    """What the connection reports."""
    return Ears()


@pytest.fixture
async def hearing(redis_url: str, ears: Ears) -> AsyncIterator[Hearing]:
    """An open connection."""
    hearing = Hearing(parse_address(redis_url), ears)
    await hearing.open(SOON)
    yield hearing
    hearing.abort()


async def test_a_channel_is_heard_between_subscribing_and_unsubscribing(
    hearing: Hearing, ears: Ears, link: RedisLink
) -> None:
    """The subscription itself is heard, too: what was published before it was missed."""
    for channel in (b"a", b"b"):
        hearing.subscribe(channel)
        assert await ears.next() == ("heard", channel)
    await link.execute("SPUBLISH", "a", "")
    assert await ears.next() == ("heard", b"a")
    hearing.unsubscribe(b"a")
    hearing.subscribe(b"c")
    assert await ears.next() == ("heard", b"c")
    await link.execute("SPUBLISH", "a", "")
    await link.execute("SPUBLISH", "b", "")
    assert await ears.next() == ("heard", b"b")


async def test_pings_are_answered_before_and_during_a_subscription(hearing: Hearing, ears: Ears) -> None:
    """Redis answers them in two ways, and neither is taken for something else."""
    hearing.check(SOON)
    hearing.subscribe(b"a")
    assert await ears.next() == ("heard", b"a")
    hearing.check(SOON)
    hearing.subscribe(b"b")
    assert await ears.next() == ("heard", b"b")


async def test_a_silent_server_is_given_up(hearing: Hearing, ears: Ears) -> None:
    """A ping that is not answered in time ends the connection."""
    hearing.check(0)
    hearing.check(0)
    assert await ears.next() == ("lost", b"")


async def test_a_refused_subscription_is_reported(hearing: Hearing, ears: Ears, link: RedisLink) -> None:
    """Others on the connection are not affected."""
    await link.execute("ACL", "SETUSER", "default", "resetchannels", "&allowed")
    try:
        for channel, report in ((b"forbidden", "ended"), (b"allowed", "heard")):
            hearing.subscribe(channel)
            assert await ears.next() == (report, channel)
    finally:
        await link.execute("ACL", "SETUSER", "default", "allchannels")


async def test_a_reply_to_nothing_ends_the_connection(ears: Ears) -> None:
    """What cannot be Redis, or is out of step, is not listened to."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"+PONG\r\n+PONG\r\n")
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1")
    async with server:
        hearing = Hearing(parse_address(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"), ears)
        await hearing.open(SOON)
        assert await ears.next() == ("lost", b"")


async def test_a_server_that_is_away_or_refuses_the_login_is_named(redis_url: str, ears: Ears) -> None:
    """The sentence holds no password."""
    port = free_port()
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port} cannot be listened to"):
        await Hearing(parse_address(f"redis://127.0.0.1:{port}"), ears).open(SOON)
    with pytest.raises(StoreUnavailable) as refused:
        await Hearing(parse_address(redis_url.replace("//", "//nobody:secret@")), ears).open(SOON)
    assert "WRONGPASS" in str(refused.value)
    assert "secret" not in str(refused.value)
