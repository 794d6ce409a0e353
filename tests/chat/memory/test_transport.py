"""Requests over aiohttp, against a server that sends scripted responses and records requests."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp.resolver import ThreadedResolver

from chat.memory.transport import AiohttpTransport, NoAnswer
from tests.support.servers import PATIENCE, free_port


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """The server's address and recorded requests. It responds with ``answer``, or never."""
    asked: list[bytes] = []
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                asked.append(await reader.readuntil(b"\r\n\r\n"))
                if answer is not None:
                    writer.write(answer)
        writer.close()
        left.set()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", asked
        await asyncio.wait_for(left.wait(), 10 * PATIENCE)


@asynccontextmanager
async def client(url: str, seconds: float = 10) -> AsyncIterator[AiohttpTransport]:
    transport = AiohttpTransport(url, seconds * PATIENCE)
    yield transport
    await transport.aclose()


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_an_answer_comes_whole_with_status_and_headers() -> None:
    """An answer has its status, headers in any case, and its body."""
    async with server(http(b"{}", "201 Created", ETag='"1"')) as (url, _), client(url) as http_client:
        answer = await http_client.ask("GET", "/")
    assert (answer.status, answer.headers["etag"], answer.content) == (201, '"1"', b"{}")


async def test_a_path_goes_out_as_it_was_quoted() -> None:
    """Paths such as `..%2F..` or `%2E%2E`, which sessions may have as names, are not normalised."""
    async with server(http(b"{}")) as (url, asked), client(url) as http_client:
        await http_client.ask("GET", "/sessions/..%2F..%2Fx%20y/memory?namespace=a%2Bb")
        await http_client.ask("GET", "/sessions/%2E%2E/memory")
    lines = [request.split(b"\r\n")[0].split()[1] for request in asked]
    assert lines == [b"/sessions/..%2F..%2Fx%20y/memory?namespace=a%2Bb", b"/sessions/%2E%2E/memory"]


async def test_a_user_and_password_in_the_address_are_said_once() -> None:
    """A user and password are sent only in a header, in place of a token."""
    async with server(http(b"{}")) as (url, asked), client(url.replace("//", "//bob:secret@")) as http_client:
        assert (await http_client.ask("GET", "/", headers={"Authorization": "Bearer token"})).status == 200
    assert asked[0].lower().count(b"authorization: basic ") == 1
    assert b"secret" not in asked[0]
    assert b"token" not in asked[0]


async def test_a_name_that_is_looked_up_without_end_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time-out for connecting also limits the name look-up."""

    async def never(*_: object, **__: object) -> list[object]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", never)
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", ThreadedResolver)
    async with client("http://memory.invalid", 0.1) as http_client:
        with pytest.raises(NoAnswer):
            await asyncio.wait_for(http_client.ask("GET", "/"), 10 * PATIENCE)


async def test_a_compressed_answer_is_unpacked_once() -> None:
    """A response compressed by a proxy is decompressed once."""
    packed = http(gzip.compress(b'{"a": 1}'), **{"Content-Encoding": "gzip"})
    async with server(packed) as (url, _), client(url) as http_client:
        assert (await http_client.ask("GET", "/")).content == b'{"a": 1}'


async def test_a_silent_server_is_a_time_out() -> None:
    """A server that does not answer in time has given none."""
    async with server(None) as (url, _), client(url, 0.5) as http_client:
        with pytest.raises(NoAnswer):
            await http_client.ask("GET", "/")


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"no HTTP at all\r\n\r\n"]
)
async def test_a_broken_answer_is_an_error_of_the_transport(answer: bytes) -> None:
    """A response that breaks off raises an error instead of returning half a body."""

    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(say, "127.0.0.1", 0)
    async with listening, client(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}") as http_client:
        with pytest.raises(NoAnswer):
            await http_client.ask("GET", "/")


async def test_nobody_there_is_an_error_of_the_transport() -> None:
    """A refused connection is no answer."""
    async with client(f"http://127.0.0.1:{free_port()}") as http_client:
        with pytest.raises(NoAnswer):
            await http_client.ask("POST", "/", content=b"{}")


async def test_a_request_has_what_it_is_given() -> None:
    """Parameters are quoted, headers are sent as they are, and the address may have a path of its own."""
    async with server(http(b"{}")) as (url, asked), client(f"{url}/below/") as http_client:
        await http_client.ask("GET", "/sessions", params={"q": "a b&c", "page": 1}, headers={"If-Match": '"1"'})
        await http_client.ask("POST", "/sessions/s/fold")
    first, second = (request.decode() for request in asked)
    assert first.startswith("GET /below/sessions?q=a%20b%26c&page=1 HTTP/1.1")
    assert 'If-Match: "1"' in first
    assert second.startswith("POST /below/sessions/s/fold HTTP/1.1")


async def test_a_redirection_is_not_followed() -> None:
    """A redirection is an answer like any other: a token is for its own server alone."""
    async with server(http(b"", "302 Found", Location="http://127.0.0.1:1/")) as (url, _), client(url) as http_client:
        assert (await http_client.ask("GET", "/")).status == 302
