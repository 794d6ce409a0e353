"""Where sentinels say that the primary is: real sentinels, with servers that end, hang and change places."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from redis_link.address import Address, parse_address
from redis_link.discovery import Discovery
from redis_link.exceptions import ConnectionLost, StoreError, StoreUnavailable
from redis_link.fitting import FittingLink
from redis_link.link import RedisLink
from redis_link.subscriptions import Subscriptions
from tests.support.links import linked
from tests.support.ports import until
from tests.support.sentinels import SERVICE, Watched, port_of, start_sentinel, watched_servers
from tests.support.servers import PATIENCE, Server, free_port, running


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A primary with a replica, and three sentinels."""
    with watched_servers(tmp_path_factory.mktemp("watched")) as found:
        yield found


def address_of(*ports: int, login: str = "") -> Address:
    """The address of the service that the sentinels on these ports watch."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return parse_address(f"redis+sentinel://{hosts}/{SERVICE}/0{login}")


async def found(address: Address) -> int:
    """The port of the server."""
    discovery = Discovery(address, 2 * PATIENCE)
    try:
        return (await discovery.find()).port
    finally:
        discovery.close()


async def written(link: FittingLink, key: str) -> None:
    """Return once the link's server has taken a value."""

    async def taken() -> bool:
        try:
            return bool(await link.execute("SET", key, "v") == b"OK")
        except StoreError:
            return False

    await until(taken, 30)


def test_an_address_without_sentinels_is_where_it_says(redis_url: str) -> None:
    """Nothing is asked, and it never moves."""
    address = parse_address(redis_url)
    discovery = Discovery(address, 1)
    assert (discovery.known, discovery.dynamic) == (address, False)
    assert asyncio.run(discovery.find()) == address
    assert not asyncio.run(discovery.moved())


async def test_the_first_sentinel_that_knows_it_is_believed(watched: Watched, tmp_path: Path) -> None:
    """One that is away, one that hangs and one that knows another service are passed over."""
    good = port_of(watched.sentinels[0])
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    hanging = silent.sockets[0].getsockname()[1]
    with running(start_sentinel(tmp_path, port_of(watched.primary))) as other:
        renamed = port_of(other)
        link = RedisLink(parse_address(other.url))
        await link.open()
        await link.execute("SENTINEL", "REMOVE", SERVICE)
        await link.close()
        assert await found(address_of(free_port(), renamed, hanging, good)) == port_of(watched.primary)
        with pytest.raises(StoreUnavailable, match=rf"no sentinel knows it: 127.0.0.1:{renamed} knows no service"):
            await found(address_of(renamed))
        with pytest.raises(StoreUnavailable, match="none answers"):
            await found(address_of(hanging))
        server = port_of(watched.servers[0])
        with pytest.raises(StoreUnavailable, match=rf"127.0.0.1:{server} cannot be asked: it is not a sentinel\."):
            await found(address_of(server))
    silent.close()


@pytest.mark.parametrize(
    "reply",
    [
        b"+OK", b":7", b"*0", b"*1\r\n$9\r\n127.0.0.1", b"*2\r\n:1\r\n:2", b"*2\r\n$9\r\n127.0.0.1\r\n$1\r\nx",
        b"*2\r\n$9\r\n127.0.0.1\r\n$5\r\n99999", b"*2\r\n$2\r\n\xff\xfe\r\n$4\r\n6379",
        b"*2\r\n$3\r\na..\r\n$4\r\n6379", b"*2\r\n$0\r\n\r\n$4\r\n6379",
    ],
)  # fmt: skip
async def test_a_sentinel_with_an_odd_reply_is_passed_over(
    watched: Watched, reply: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one is believed, the log names it once, and a link that knows no other sentinel stays as it is."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await reader.read(4096):
            writer.write(reply + b"\r\n" if b"GET-MASTER" in asked else b"+PONG\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        odd = server.sockets[0].getsockname()[1]
        assert await found(address_of(odd, port_of(watched.sentinels[0]))) == port_of(watched.primary)
        assert f"The sentinel 127.0.0.1:{odd} does not say where" in caplog.text
        discovery = Discovery(address_of(odd), 2 * PATIENCE)
        caplog.clear()
        for _ in range(2):
            assert not await discovery.moved()
        assert len(caplog.records) == 1
        discovery.close()


async def test_sentinels_may_have_a_password_of_their_own(watched: Watched, tmp_path: Path) -> None:
    """It is an option of the address, beside the login of the servers."""
    with running(start_sentinel(tmp_path, port_of(watched.primary), 1, "requirepass only-sentinels")) as guarded:
        port = port_of(guarded)
        with pytest.raises(StoreUnavailable, match=r"its own password\. Name that with sentinel_password\."):
            await found(address_of(port))
        assert await found(address_of(port, login="?sentinel_password=only-sentinels")) == port_of(watched.primary)


async def test_a_sentinel_that_names_a_replica_is_not_believed(watched: Watched, tmp_path: Path) -> None:
    """The server's own role counts; then the next sentinel is asked."""
    replica = next(server for server in watched.servers if server != watched.primary)
    with running(start_sentinel(tmp_path, port_of(replica))) as mistaken:
        address = address_of(port_of(mistaken), port_of(watched.sentinels[0]))
        link = FittingLink(address)
        await written(link, "k")
        assert link.home("k").port == port_of(watched.primary)
        await link.close()


async def test_the_link_and_its_channels_follow_a_failover(watched: Watched) -> None:
    """What was written is there, and what is published at the new primary is heard."""
    before = watched.primary
    async with linked(watched.url) as link:
        await written(link, "kept")
        await link.execute("WAIT", 1, int(5000 * PATIENCE))
        subscriptions, heard = Subscriptions(link), asyncio.Event()
        subscriptions.subscribe("{a}bell", heard.set)
        await asyncio.wait_for(heard.wait(), 10 * PATIENCE)
        await asyncio.to_thread(watched.fail_over)
        await until(lambda: moved(watched, before), 30)
        await until(lambda: is_at(link, watched.primary), 30)
        await written(link, "new")
        assert await link.execute("GET", "kept") == b"v"

        async def publish() -> bool:
            heard.clear()
            await link.execute("SPUBLISH", "{a}bell", "")
            await asyncio.sleep(0.05)
            return heard.is_set()

        await until(publish, 30)
        await subscriptions.close()


async def test_a_primary_that_becomes_a_replica_is_left(tmp_path: Path) -> None:
    """Its refusal to write ends the connection. The command was not executed, and may be sent again."""
    with watched_servers(tmp_path, sentinels=1) as watched:
        link = FittingLink(parse_address(watched.url))
        await written(link, "k")
        async with linked(watched.servers[0].url) as direct:
            await direct.execute("REPLICAOF", "127.0.0.1", port_of(watched.servers[1]))
        with pytest.raises(ConnectionLost):
            await link.execute("SET", "k", "v")
        await link.close()


async def test_a_primary_that_hangs_is_left_as_soon_as_it_is_replaced(watched: Watched) -> None:
    """Its connections are still open: the sentinels are asked now and then."""
    before = watched.primary
    link = FittingLink(parse_address(watched.url), timeout=20 * PATIENCE)
    await written(link, "k")
    os.kill(before.process.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(15 * PATIENCE):
            await written(link, "k")
        assert link.home("k").port != port_of(before)
    finally:
        os.kill(before.process.pid, signal.SIGCONT)
        await link.close()


async def is_at(link: FittingLink, server: Server) -> bool:
    """Whether the link leads to the server."""
    return link.home("k").port == port_of(server)


async def moved(watched: Watched, before: Server) -> bool:
    """Whether another server is the primary."""
    return await asyncio.to_thread(lambda: watched.primary) != before
