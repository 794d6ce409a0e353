"""How connections that do not lead to a valid request are answered, tested with raw sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from motorhead.config import load
from motorhead.http.protocol import LARGEST_HEAD
from tests.motorhead.conftest import client_of
from tests.support.kit import wire
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, Server, running, start_memory_server

#: Seconds that a request may take to arrive.
LIMIT = 0.6 * PATIENCE
HEAD = b"POST /sessions/slow/memory HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
WHOLE = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture(scope="module")
def hasty(valkey: Server, summary_model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A memory server that waits only briefly for a request."""
    log = tmp_path_factory.mktemp("motorhead") / "memory.log"
    settings = {"MOTORHEAD_REQUEST_SECONDS": str(LIMIT), "OPENAI_BASE_URL": summary_model.url}
    settings["MOTORHEAD_SWEEP_SECONDS"] = "3600"
    with running(start_memory_server(valkey.url, log, None, **settings)) as server:
        yield server


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to ``server``, for a limited time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    try:
        async with asyncio.timeout(20 * PATIENCE):
            yield reader, writer
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next response."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    return int(lines[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def refused(reader: asyncio.StreamReader, status: int) -> str:
    """The sentence of an error, after which the connection is closed."""
    sentence = await refusal(reader, status)
    assert await reader.read() == b""
    return sentence


async def refusal(reader: asyncio.StreamReader, status: int) -> str:
    """The sentence of an error whose headers announce that the connection will be closed."""
    found, headers, body = await answer(reader)
    assert (found, headers["content-type"], headers["connection"]) == (status, "application/json", "close")
    return str(json.loads(body)["error"])


@pytest.mark.parametrize(
    "sent", [b"no http\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01\x02"]
)
async def test_what_is_no_http_gets_a_sentence(hasty: Server, sent: bytes) -> None:
    """Invalid HTTP is answered 400 in JSON, like every error."""
    async with connected(hasty) as (reader, writer):
        writer.write(sent)
        assert await refused(reader, 400) == "This is not a valid HTTP request."


@pytest.mark.parametrize(
    "sent", [b"G", HEAD, HEAD + b'Content-Length: 99\r\n\r\n{"mess', WHOLE.replace(b"\r\n\r\n", b"\r\n")]
)
async def test_a_request_that_stays_half_is_answered_408(hasty: Server, sent: bytes) -> None:
    """Wherever a request stops, it is eventually answered with a sentence, and its connection is closed."""
    async with connected(hasty) as (reader, writer):
        writer.write(sent)
        assert "not complete" in await refused(reader, 408)


async def test_a_request_that_drips_is_answered_408(hasty: Server) -> None:
    """Sending a byte now and then does not extend the time."""
    async with connected(hasty) as (reader, writer):

        async def drip() -> None:
            for byte in HEAD * 9:
                writer.write(bytes([byte]))
                await asyncio.sleep(LIMIT / 20)

        dripping = asyncio.create_task(drip())
        assert "not complete" in await refusal(reader, 408)
        with suppress(ConnectionResetError):  # a byte that arrived after the close makes the end a reset
            assert await reader.read() == b""
        dripping.cancel()


async def test_the_time_counts_for_each_request_and_not_between_them(hasty: Server) -> None:
    """A kept connection may idle; a later request has its full time, and is refused if it stays incomplete."""
    async with connected(hasty) as (reader, writer):
        for _ in range(2):
            writer.write(WHOLE[:9])
            await asyncio.sleep(LIMIT / 10)
            writer.write(WHOLE[9:])
            assert (await answer(reader))[0] == 200
            await asyncio.sleep(LIMIT * 1.2)
        writer.write(WHOLE + WHOLE[:9])
        assert (await answer(reader))[0] == 200
        assert "not complete" in await refused(reader, 408)


async def test_a_head_without_end_is_refused(hasty: Server) -> None:
    """The size of a head is limited, however fast it arrives."""
    async with connected(hasty) as (reader, writer):
        begun = HEAD + b"X-More: "
        writer.write(begun.ljust(LARGEST_HEAD + 1, b"x"))
        assert await refused(reader, 431) == "The head of the request is too large."


async def test_an_answer_that_takes_long_is_not_cut_by_the_next_request(
    hasty: Server, summary_model: ScriptedOpenAI
) -> None:
    """While a request is being answered, the time of an incomplete next one does not run out."""
    gate = Gate()
    summary_model.enqueue(Reply("Slowly.", gate=gate))
    async with client_of(hasty) as client:
        await client.post("/sessions/slowly/memory", json=wire(*(f"m{n}" for n in range(10))))
    async with connected(hasty) as (reader, writer):
        writer.write(b"POST /sessions/slowly/fold HTTP/1.1\r\nHost: localhost\r\n\r\n" + HEAD)
        await gate.reached()
        await asyncio.sleep(LIMIT * 1.5)
        gate.release()
        status, _, body = await answer(reader)
        assert (status, json.loads(body)["context"]) == (200, "Slowly.")
        assert "not complete" in await refused(reader, 408)


@pytest.mark.parametrize("cut", [0, 9, len(HEAD), len(HEAD) + 99, 10_000])
async def test_an_offer_of_another_protocol_is_ignored(hasty: Server, cut: int) -> None:
    """A POST with Upgrade, as Java's client sends it, is stored, and requests pipelined after it are answered."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    body = json.dumps(wire("hi")).encode()
    request = HEAD.replace(b"slow", b"java%d" % cut) + offer + b"Content-Length: %d\r\n\r\n" % len(body) + body
    sent = request + WHOLE.replace(b"Host", offer + b"Host") + request + WHOLE
    async with connected(hasty) as (reader, writer):
        for part in (sent[:cut], sent[cut:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        answers = [await answer(reader) for _ in range(4)]
    assert [(status, b"now" in told) for status, _, told in answers] == [(200, False), (200, True)] * 2
    async with client_of(hasty) as client:
        found = (await client.get(f"/sessions/java{cut}/memory")).json()
    assert [message["content"] for message in found["messages"]] == ["hi", "hi"]
    assert "uvicorn[standard]" not in hasty.log.read_text()
    assert "Unsupported" not in hasty.log.read_text()


async def test_refusals_of_what_is_no_request_are_counted(hasty: Server) -> None:
    """The metrics count them by status, separately from requests."""

    async def counted() -> dict[str, int]:
        async with client_of(hasty) as client:
            lines = (await client.get("/metrics")).text.splitlines()
        found = [line.partition('call="no request",status="')[2].split('"} ') for line in lines if "no request" in line]
        return {status: int(count) for status, count in found}

    before = await counted()
    for sent, status in ((b"no HTTP\r\n\r\n", 400), (WHOLE[:9], 408), (b"GET /".ljust(LARGEST_HEAD + 1, b"x"), 431)):
        async with connected(hasty) as (reader, writer):
            writer.write(sent)
            assert (await answer(reader))[0] == status
    after = await counted()
    assert {status: after[status] - before.get(status, 0) for status in ("400", "408", "431")} == dict.fromkeys(
        ("400", "408", "431"), 1
    )


@pytest.mark.parametrize("pieces", [1, 2])
async def test_what_comes_after_the_body_is_no_header(hasty: Server, pieces: int) -> None:
    """Trailers of a chunked request are ignored, whether they arrive together with it or later."""
    async with client_of(hasty) as client:
        await client.delete("/sessions/slow/memory")
    body = json.dumps(wire("a")).encode()
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n" % (len(body), body)
    trailers = b"Session-Epoch: 0\r\n\r\n"
    async with connected(hasty) as (reader, writer):
        for sent in [chunked + trailers] if pieces == 1 else [chunked, trailers]:
            writer.write(sent)
            await writer.drain()
            await asyncio.sleep(LIMIT / 10)  # so that it arrives as a separate piece
        assert (await answer(reader))[0] == 200


async def test_what_was_answered_early_and_stays_half_is_closed(hasty: Server) -> None:
    """The connection of a body that was refused for its size and never ends is closed, too."""
    async with connected(hasty) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 99999999\r\n\r\n{")
        assert (await answer(reader))[0] == 413
        assert await reader.read() == b""


BEHIND = [
    (b"\x00\x01garbage\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nX: ".ljust(2 * LARGEST_HEAD, b"x"), 431),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n", 400),
    (b"GET / HTTP/2.0\r\nHost: here\r\n\r\n", 505),
]


def append(session: str) -> bytes:
    """A whole request that appends a message to ``session``."""
    body = json.dumps(wire("hi")).encode()
    return HEAD.replace(b"slow", session.encode()) + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(("behind", "status"), BEHIND)
async def test_a_refusal_comes_behind_the_answers_to_earlier_requests(
    hasty: Server, behind: bytes, status: int
) -> None:
    """Appends that are stored are answered so, each, whatever comes behind them in the same piece."""
    async with connected(hasty) as (reader, writer):
        writer.write(append("before") * 2 + behind)
        assert [(await answer(reader))[0] for _ in range(2)] == [200, 200]
        assert await refusal(reader, status)


@pytest.mark.parametrize(("rest", "last"), [(b"", 200), (HEAD, 400), (HEAD + b"Content-Length: 9\r\n\r\n{", 400)])
async def test_a_client_that_sends_no_more_gets_its_answers(hasty: Server, rest: bytes, last: int) -> None:
    """It has closed its side only; behind the last answer, or the refusal of half a request, the connection ends."""
    async with connected(hasty) as (reader, writer):
        writer.write(append("half") * 2 + rest)
        writer.write_eof()
        statuses = [(await answer(reader))[0] for _ in range(2 + bool(rest))]
        assert await reader.read() == b""
    assert (statuses[:2], statuses[-1]) == ([200, 200], last)


@pytest.mark.parametrize("more", [b"a: b\r\n" * 200_000, b"x".ljust(LARGEST_HEAD, b"x")])
async def test_trailers_without_end_are_refused(hasty: Server, more: bytes) -> None:
    """What comes behind a chunked body counts as its head does."""
    async with connected(hasty) as (reader, writer):
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + more)
        assert await refusal(reader, 431) == "The head of the request is too large."


@pytest.mark.parametrize("sent", [b"GET /\r\n\r\n", b"GET / HTTP/2.0\r\nHost: here\r\n\r\n" * 2])
async def test_other_versions_of_http_are_refused(hasty: Server, sent: bytes) -> None:
    """Versions 0.9 and 2 get a sentence, once, rather than an answer of version 1.1."""
    async with connected(hasty) as (reader, writer):
        writer.write(sent)
        assert await refused(reader, 505) == "The memory server speaks HTTP/1.1."


def test_the_time_is_a_setting() -> None:
    """MOTORHEAD_REQUEST_SECONDS is the time that a request may take to arrive."""
    assert load({"MOTORHEAD_REQUEST_SECONDS": "1.5"}).limits.request_seconds == 1.5


async def test_none_of_this_is_a_mistake_of_the_servers(hasty: Server) -> None:
    """The log contains no traceback, and the server still answers."""
    assert "Traceback" not in hasty.log.read_text()
    async with client_of(hasty) as client:
        assert (await client.get("/healthz")).status_code == 200
