"""The shared connection: one contract for every backend, and the effects of a lost connection."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from motorhead.store.scripts import RELEASE
from redis_link import link as module
from redis_link.address import parse_address
from redis_link.exceptions import InvalidAddress, StoreRefused, StoreUnavailable
from redis_link.link import RedisLink
from redis_link.tls import Tls
from tests.support.kit import until
from tests.support.servers import PATIENCE, Server, free_port, running, start_valkey


async def opened(url: str, **options: float) -> RedisLink:
    link = RedisLink(parse_address(url), scripts=[RELEASE], **options)  # type: ignore[arg-type]
    await link.open()
    return link


async def test_a_connection_lost_under_way_fails_what_waits_and_comes_back(tmp_path: Path) -> None:
    """Killing Redis fails the command under way with a clear error; later ones work once it is back."""
    valkey = start_valkey(tmp_path)
    port = int(valkey.url.rsplit(":", 1)[1])
    link = await opened(valkey.url)
    blocked = asyncio.create_task(link.execute("BLPOP", "nothing", 0))
    await link_is_waiting(link)
    valkey.kill()
    with pytest.raises(StoreUnavailable, match="lost"):
        await blocked
    with running(start_valkey(tmp_path, port)):

        async def back() -> bool:
            try:
                return bool(await link.execute("SET", "k", "v") == b"OK")
            except StoreUnavailable:
                return False

        await until(back)
        await link.close()


async def link_is_waiting(link: RedisLink) -> None:
    async def sent() -> bool:
        return bool(link._connection is not None and link._connection._waiting)

    await until(sent)


async def test_an_answer_that_never_comes_is_given_up(redis_url: str) -> None:
    """A command that Redis does not answer in time fails, and the link goes on with a new connection."""
    link = await opened(redis_url, timeout=0.6 * PATIENCE)
    with pytest.raises(StoreUnavailable):
        await link.execute("BLPOP", "nothing", 0)
    assert await link.execute("PING") == b"PONG"
    await link.close()


async def test_the_queue_is_bounded(redis_url: str) -> None:
    """When too many commands are waiting, another one is refused at once."""
    link = await opened(redis_url, limit=2)
    tasks = [asyncio.create_task(link.execute("BLPOP", "nothing", 0.2)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="Too many"):
        await link.execute("PING")
    await asyncio.gather(*tasks)
    assert await link.execute("PING") == b"PONG"
    await link.close()


async def test_a_forgotten_script_is_sent_again(link: RedisLink) -> None:
    """After SCRIPT FLUSH a script still runs, on its own and in a pipeline."""
    await link.execute("SCRIPT", "FLUSH")
    assert await link.run(RELEASE, ["k"], ["x"]) == 0
    await link.execute("SCRIPT", "FLUSH")
    assert await link.pipeline(("SET", "k", "x"), RELEASE.call(["k"], ["x"])) == [b"OK", 1]
    assert await link.execute("EXISTS", "k") == 0


async def test_a_cancelled_command_does_not_shift_the_replies(link: RedisLink) -> None:
    """When a caller gives up, the others still get their own replies."""
    abandoned = asyncio.create_task(link.execute("ECHO", "abandoned"))
    await asyncio.sleep(0)
    abandoned.cancel()
    assert await asyncio.gather(*(link.execute("ECHO", n) for n in range(20))) == [b"%d" % n for n in range(20)]


async def test_an_error_reply_is_an_error_of_its_own_command(link: RedisLink) -> None:
    """An error reaches only the caller whose command failed."""
    await link.execute("SET", "text", "x")
    results = await asyncio.gather(link.execute("INCR", "text"), link.execute("GET", "text"), return_exceptions=True)
    assert isinstance(results[0], StoreRefused)
    assert results[1] == b"x"


async def test_a_server_that_has_become_a_replica_is_connected_to_again(link: RedisLink) -> None:
    """Its name may lead to another one by now. The refused command is not sent again."""
    before = await link.execute("CLIENT", "ID")
    await link.execute("REPLICAOF", "127.0.0.1", free_port())
    try:
        with pytest.raises(StoreRefused, match="READONLY"):
            await link.execute("SET", "k", "v")
        assert await link.execute("CLIENT", "ID") != before
    finally:
        await link.execute("REPLICAOF", "NO", "ONE")


async def test_binary_and_large_values_come_back(link: RedisLink) -> None:
    """Any bytes, of any length, are stored and returned unchanged."""
    value = bytes(range(256)) * 20_000
    await link.execute("SET", "k", value)
    assert await link.execute("GET", "k") == value


async def test_a_closed_port_is_reported_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which address cannot be used."""
    monkeypatch.setattr(module, "OPEN_GRACE", 0.0)
    with pytest.raises(StoreUnavailable, match=r"Redis at 127\.0\.0\.1:\d+ cannot be used"):
        await opened(f"redis://127.0.0.1:{free_port()}")


async def test_a_redis_that_is_just_being_started_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link opened shortly before Redis is up connects to it."""
    monkeypatch.setattr(module, "OPEN_GRACE", 20 * PATIENCE)
    port = free_port()
    opening = asyncio.create_task(opened(f"redis://127.0.0.1:{port}"))
    await asyncio.sleep(0.05)
    with running(await asyncio.to_thread(start_valkey, tmp_path, port)):
        link = await opening
        assert await link.execute("PING") == b"PONG"
        await link.close()


async def test_a_password_and_a_database_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Password and database come from the URL; a wrong password is reported in a sentence."""
    monkeypatch.setattr(module, "OPEN_GRACE", 0.0)
    with running(start_valkey(tmp_path, None, "--requirepass", "s3cret")) as valkey:
        host = valkey.url.removeprefix("redis://")
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            await opened(f"redis://:wrong@{host}")
        link = await opened(f"redis://:s3cret@{host}/3")
        await link.execute("SET", "k", "v")
        assert b"db3:keys=1" in await link.execute("INFO", "keyspace")
        await link.close()


async def test_a_unix_socket_works_as_well(tmp_path: Path) -> None:
    """A unix:// address leads to the same Redis."""
    path = tmp_path / "redis.sock"
    with running(start_valkey(tmp_path, None, "--unixsocket", str(path))):
        link = await opened(f"unix://{path}")
        assert await link.execute("PING") == b"PONG"
        await link.close()


async def test_while_disconnected_a_command_waits_a_little_and_then_fails(
    valkey: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command issued during a reconnection does not wait forever."""
    monkeypatch.setattr(module, "RECONNECT_GRACE", 0.05)
    link = RedisLink(parse_address(valkey.url))
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await link.execute("PING")


@pytest.mark.parametrize("url", ["redis://host:port", "redis://host/db", "redis://host/x"])
def test_an_invalid_address_is_a_configuration_error(url: str) -> None:
    """A URL whose port or database is not a number is refused with a sentence."""
    with pytest.raises(InvalidAddress):
        parse_address(url)


def test_the_address_is_shown_without_its_password() -> None:
    """The text of an address for logs never contains its password."""
    address = parse_address("rediss://user:s3cret@example.com:7000/2")
    assert str(address) == "example.com:7000"
    assert (address.tls, address.username, address.password, address.database) == (Tls(), "user", "s3cret", 2)
