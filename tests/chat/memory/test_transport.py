"""httpx over aiohttp, against a server that sends scripted responses and records requests."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from aiohttp.resolver import ThreadedResolver

from chat.memory.transport import AiohttpTransport
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
async def client(url: str, seconds: float = 10) -> AsyncIterator[httpx.AsyncClient]:
    transport = AiohttpTransport(trust_env=False)
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=seconds * PATIENCE) as opened:
        yield opened


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_an_answer_comes_whole_with_status_and_headers() -> None:
    """A response has the same status, headers and body as with httpx's own transport."""
    async with server(http(b"{}", "201 Created", ETag='"1"')) as (url, _), client(url) as http_client:
        answer = await http_client.get("/")
    assert (answer.status_code, answer.headers["etag"], answer.content) == (201, '"1"', b"{}")


async def test_a_path_goes_out_as_it_was_quoted() -> None:
    """Paths such as `..%2F..` or `%2E%2E`, which sessions may have as names, are not normalised."""
    async with server(http(b"{}")) as (url, asked), client(url) as http_client:
        await http_client.get("/sessions/..%2F..%2Fx%20y/memory?namespace=a%2Bb")
        await http_client.get("/sessions/%2E%2E/memory")
    lines = [request.split(b"\r\n")[0].split()[1] for request in asked]
    assert lines == [b"/sessions/..%2F..%2Fx%20y/memory?namespace=a%2Bb", b"/sessions/%2E%2E/memory"]


async def test_a_user_and_password_in_the_address_are_said_once() -> None:
    """A user and password are sent only in a header, as by httpx."""
    async with server(http(b"{}")) as (url, asked), client(url.replace("//", "//bob:secret@")) as http_client:
        assert (await http_client.get("/")).status_code == 200
    assert asked[0].lower().count(b"authorization: basic ") == 1
    assert b"secret" not in asked[0]


async def test_a_name_that_is_looked_up_without_end_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time-out for connecting also limits the name look-up."""

    async def never(*_: object, **__: object) -> list[object]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", never)
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", ThreadedResolver)
    async with client("http://memory.invalid", 0.1) as http_client:
        with pytest.raises(httpx.TimeoutException):
            await asyncio.wait_for(http_client.get("/"), 10 * PATIENCE)


async def test_a_compressed_answer_is_unpacked_once() -> None:
    """A response compressed by a proxy is decompressed once."""
    packed = http(gzip.compress(b'{"a": 1}'), **{"Content-Encoding": "gzip"})
    async with server(packed) as (url, _), client(url) as http_client:
        assert (await http_client.get("/")).json() == {"a": 1}


async def test_a_silent_server_is_a_time_out() -> None:
    """A silent server raises httpx's time-out."""
    async with server(None) as (url, _), client(url, 0.5) as http_client:
        with pytest.raises(httpx.TimeoutException):
            await http_client.get("/")


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
        with pytest.raises(httpx.TransportError):
            await http_client.get("/")


async def test_nobody_there_is_an_error_of_the_transport() -> None:
    """A refused connection raises httpx's transport error."""
    async with client(f"http://127.0.0.1:{free_port()}") as http_client:
        with pytest.raises(httpx.TransportError):
            await http_client.post("/", content=b"{}")
