"""TLS to Redis, with the options of its address."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from motorhead.store.connect import link_to
from redis_link.address import parse_address
from redis_link.exceptions import InvalidAddress, StoreUnavailable
from redis_link.tls import Tls
from tests.support.servers import running, start_memory_server
from tests.support.tls import Certificates, make_certificates, tls_in_front_of


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


async def test_a_private_authority_is_trusted(redis_url: str, certificates: Certificates):
    """Its certificate is in ssl_ca_certs; without it the server is trusted only with ssl_cert_reqs=none."""
    async with tls_in_front_of(port_of(redis_url), certificates) as port:
        assert await ping(address(port, ssl_ca_certs=certificates.authority)) == b"PONG"
        assert await ping(address(port, ssl_cert_reqs="none")) == b"PONG"
        with pytest.raises(StoreUnavailable, match="certificate"):
            await ping(address(port))


async def test_another_host_is_not_trusted(redis_url: str, certificates: Certificates):
    """The name in the certificate counts, not only its authority."""
    async with tls_in_front_of(port_of(redis_url), certificates) as port:
        url = address(port, ssl_ca_certs=certificates.authority).replace("localhost", "127.0.0.1")
        with pytest.raises(StoreUnavailable, match="certificate"):
            await ping(url)


async def test_a_client_shows_its_own_certificate(redis_url: str, certificates: Certificates):
    """It is in ssl_certfile, with the key in the same file or in ssl_keyfile."""
    known = {"ssl_ca_certs": certificates.authority}
    async with tls_in_front_of(port_of(redis_url), certificates, of_clients=True) as port:
        own = {"ssl_certfile": certificates.client}
        assert await ping(address(port, **known, **own)) == b"PONG"
        assert await ping(address(port, **known, **own, ssl_keyfile=certificates.client)) == b"PONG"
        with pytest.raises(StoreUnavailable):
            await ping(address(port, **known))


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


@pytest.mark.parametrize("option", ["ssl_ca_certs", "ssl_certfile", "ssl_keyfile"])
def test_a_file_that_cannot_be_used_is_named(option: str, tmp_path: Path):
    """The sentence of a missing file, and of one without a certificate, names it."""
    (tmp_path / "empty.pem").touch()
    for file in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(InvalidAddress, match=rf"{file}.*\.$"):
            parse_address(address(6379, **{option: file}))


def test_an_unknown_requirement_is_refused():
    """The known ones are required, the default, and optional and none."""
    with pytest.raises(InvalidAddress, match="ssl_cert_reqs"):
        parse_address(address(6379, ssl_cert_reqs="maybe"))
    assert parse_address("rediss://localhost").tls == Tls(verify="required")
