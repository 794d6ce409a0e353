"""TLS to Redis, with the options of its address."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
import redis

from motorhead.store.connect import link_to
from redis_link.address import parse_address
from redis_link.exceptions import InvalidAddress, StoreUnavailable
from redis_link.fitting import FittingLink
from redis_link.subscriptions import Subscriptions
from redis_link.tls import Tls
from tests.support.cluster import running_cluster
from tests.support.links import linked
from tests.support.ports import until
from tests.support.servers import PATIENCE, Server, running, start_memory_server
from tests.support.tls import Certificates, make_certificates, tls_in_front_of
from tests.support.tls_redis import start_tls_redis, start_tls_sentinel, tls_options


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority's, a server's and a client's."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def address(port: int, **options: object) -> str:
    return f"rediss://localhost:{port}/0?{urlencode(options)}"


async def ping(url: str) -> bytes:
    """The answer to PING of the server at ``url``."""
    link = link_to(parse_address(url))
    try:
        await link.open()
        return bytes(await link.execute("PING"))
    finally:
        await link.close()


async def test_a_private_authority_is_trusted(redis_url: str, certificates: Certificates, tmp_path: Path):
    """Its certificate is in ssl_ca_certs; without it the server is trusted only with ssl_cert_reqs=none."""
    async with tls_in_front_of(port_of(redis_url), certificates) as port:
        assert await ping(address(port, ssl_ca_certs=certificates.authority)) == b"PONG"
        assert await ping(address(port, ssl_cert_reqs="none")) == b"PONG"
        with pytest.raises(
            StoreUnavailable, match=r"not accepted: .* your own, name its certificate with ssl_ca_certs\."
        ):
            await ping(address(port))
        another = make_certificates(tmp_path).authority
        with pytest.raises(StoreUnavailable, match=r"not accepted: .* not of the authority in ssl_ca_certs"):
            await ping(address(port, ssl_ca_certs=another))


async def test_another_host_is_not_trusted(redis_url: str, certificates: Certificates):
    """The name in the certificate counts, not only its authority, unless the address says otherwise."""
    async with tls_in_front_of(port_of(redis_url), certificates) as port:
        url = address(port, ssl_ca_certs=certificates.authority).replace("localhost", "127.0.0.1")
        with pytest.raises(StoreUnavailable, match="certificate"):
            await ping(url)
        assert await ping(url + "&ssl_check_hostname=false") == b"PONG"
        with pytest.raises(StoreUnavailable, match="certificate"):
            await ping(f"rediss://127.0.0.1:{port}?ssl_check_hostname=false")


async def test_a_client_shows_its_own_certificate(redis_url: str, certificates: Certificates):
    """It is in ssl_certfile, with the key in the same file or in ssl_keyfile."""
    known = {"ssl_ca_certs": certificates.authority}
    async with tls_in_front_of(port_of(redis_url), certificates, of_clients=True) as port:
        own = {"ssl_certfile": certificates.client}
        assert await ping(address(port, **known, **own)) == b"PONG"
        assert await ping(address(port, **known, **own, ssl_keyfile=certificates.client)) == b"PONG"
        with pytest.raises(StoreUnavailable, match="certificate of its clients, name one with ssl_certfile"):
            await ping(address(port, **known))


async def test_a_server_that_expects_tls_is_explained(redis_url: str, certificates: Certificates):
    """The sentence names the scheme to write."""
    async with tls_in_front_of(port_of(redis_url), certificates) as port:
        with pytest.raises(StoreUnavailable, match="If it speaks TLS, write rediss://"):
            await ping(f"redis://localhost:{port}")


async def test_the_memory_server_uses_the_options(redis_url: str, certificates: Certificates, tmp_path: Path):
    """It starts, and remembers, with the address that the site is given."""
    async with tls_in_front_of(port_of(redis_url), certificates) as port:
        url = address(port, ssl_ca_certs=certificates.authority)
        server = await asyncio.to_thread(start_memory_server, url, tmp_path / "memory.log")
        with running(server):
            async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
                body = {"messages": [{"role": "Human", "content": "hi im bob"}]}
                assert (await client.post("/sessions/s/memory", json=body)).status_code == 200
                assert (await client.get("/sessions/s/memory")).json()["messages"][0]["content"] == "hi im bob"


@pytest.mark.redis
async def test_every_node_of_a_cluster_is_reached_by_tls(tmp_path_factory: pytest.TempPathFactory):
    """With a private authority and a certificate of the client; so are channels."""
    certificates = make_certificates(tmp_path_factory.mktemp("certificates"), "localhost", "127.0.0.1")
    folders = [tmp_path_factory.mktemp("node") for _ in range(3)]

    def start(folder: Path, port: int, *options: str) -> Server:
        return start_tls_redis(folder, certificates, port, *options)

    with running_cluster(folders, start=start) as nodes:
        async with linked(nodes[0].server.url) as link:
            keys = [f"{{{letter}}}" for letter in "abcdefghi"]
            assert await link.gather(*(("SET", key, "v") for key in keys)) == [b"OK"] * len(keys)
            assert {link.home(key).port for key in keys} == {node.port for node in nodes}
            await check_heard(link, keys)


@pytest.mark.redis
async def test_sentinels_and_their_servers_are_reached_by_tls(tmp_path_factory: pytest.TempPathFactory):
    """The options of the address count for both, also after a failover."""
    certificates = make_certificates(tmp_path_factory.mktemp("certificates"), "localhost", "127.0.0.1")
    primary, replica, watching = (tmp_path_factory.mktemp(name) for name in ("primary", "replica", "sentinel"))
    with running(start_tls_redis(primary, certificates)) as first:
        of, at_once = f"127.0.0.1 {port_of(first.url)}", ("--repl-diskless-sync-delay", "0")
        with (
            running(start_tls_redis(replica, certificates, None, "--replicaof", of, *at_once)) as second,
            running(start_tls_sentinel(watching, certificates, "mymaster", port_of(first.url))) as sentinel,
        ):
            url = f"rediss+sentinel://localhost:{port_of(sentinel.url)}/mymaster/0?{tls_options(certificates)}"
            async with linked(url) as link:
                assert await link.execute("SET", "k", "v") == b"OK"
                assert await link.execute("WAIT", 1, int(20_000 * PATIENCE)) == 1
                await until(lambda: asyncio.to_thread(fails_over, sentinel), 20)
                await until(lambda: is_at(link, port_of(second.url)), 30)
                assert await link.execute("GET", "k") == b"v"
                await check_heard(link, ["k"])


def fails_over(sentinel: Server) -> bool:
    """Whether the sentinel has begun to replace the primary, for which it has to know the replica."""
    with redis.Redis.from_url(sentinel.url) as asked:
        try:
            return bool(asked.execute_command("SENTINEL", "FAILOVER", "mymaster"))
        except redis.ResponseError:
            return False


async def is_at(link: FittingLink, port: int) -> bool:
    """Whether the link leads to the server on this port."""
    return link.home("k").port == port


async def check_heard(link: FittingLink, channels: list[str]) -> None:
    """Subscribe to the channels, and hear what is published there."""
    subscriptions = Subscriptions(link)
    for channel in channels:
        heard = asyncio.Event()
        subscriptions.subscribe(channel, heard.set)
        for _ in range(2):
            await asyncio.wait_for(heard.wait(), 20 * PATIENCE)
            heard.clear()
            await link.execute("SPUBLISH", channel, "")
        await asyncio.wait_for(heard.wait(), 20 * PATIENCE)
    await subscriptions.close()


@pytest.mark.parametrize("option", ["ssl_ca_certs", "ssl_certfile", "ssl_keyfile"])
def test_a_file_that_cannot_be_used_is_named(option: str, tmp_path: Path, certificates: Certificates):
    """The sentence of a missing file, and of one without a certificate, names it, and no other."""
    (tmp_path / "empty.pem").touch()
    for file in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(InvalidAddress, match=rf"{file}.*\.$"):
            parse_address(address(6379, **{option: file}))
    with pytest.raises(InvalidAddress, match=rf"be used: {file} \(no certificates in PEM form\)\.$"):
        parse_address(address(6379, ssl_certfile=certificates.client, ssl_ca_certs=file))


def test_an_unknown_requirement_is_refused():
    """The known ones are required, the default, and optional and none."""
    with pytest.raises(InvalidAddress, match="ssl_cert_reqs"):
        parse_address(address(6379, ssl_cert_reqs="maybe"))
    assert parse_address("rediss://localhost").tls == Tls(verify="required")
    with pytest.raises(InvalidAddress, match="ssl_check_hostname"):
        parse_address(address(6379, ssl_check_hostname="maybe"))
