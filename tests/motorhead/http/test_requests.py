"""Requests as handlers see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from motorhead.exceptions import BadRequest, TooLarge
from motorhead.http.requests import MOST_PARAMETERS, ClientLeft, Request, size_of

LIMIT = 10
decoder = msgspec.json.Decoder(dict[str, int])


def request(*parts: bytes, leaves: bool = False, query: bytes = b"", **headers: str) -> Request:
    """A request whose body arrives in ``parts``; with ``leaves`` its client disconnects before the last."""
    bodies: list[dict[str, Any]] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages = iter([*bodies, {"type": "http.disconnect" if leaves else "http.request"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request("POST", b"/", query, raw, receive)


async def test_a_body_in_parts_is_put_together() -> None:
    """However a body is split, all of it is read, up to the limit."""
    assert await request(b"12345", b"67", b"890").body(LIMIT) == b"1234567890"


async def test_a_body_that_is_too_long_is_refused_as_early_as_can_be() -> None:
    """An announced length is refused before anything is read; otherwise the first part beyond the limit is."""
    with pytest.raises(TooLarge, match=f"has 11 bytes; at most {LIMIT}"):
        await request(content_length="11").body(LIMIT)
    with pytest.raises(TooLarge, match="larger than"):
        await request(b"123456", b"78901", b"never read").body(LIMIT)


async def test_a_client_that_leaves_wants_no_answer() -> None:
    """When the client disconnects before the end of the body, ClientLeft is raised."""
    with pytest.raises(ClientLeft):
        await request(b"12", leaves=True).body(LIMIT)


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/x.y+json"])
async def test_json_is_read(kind: str) -> None:
    """Bodies of any JSON content type are decoded."""
    assert await request(b'{"a":1}', content_type=kind).json(decoder, LIMIT) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        (b"{}", "text/plain", "Content-Type must be application/json"),
        (b"{}", "", "Content-Type must be application/json"),
        (b"{", "application/json", "not valid JSON"),
        (b'{"a":""}', "application/json", "not valid for this call"),
        (b'{"\xff":1}', "application/json", "not valid JSON"),
    ],
)
async def test_a_wrong_body_gets_a_sentence(body: bytes, kind: str, sentence: str) -> None:
    """The sentence says what is wrong without quoting the body."""
    with pytest.raises(BadRequest, match=sentence):
        await request(body, content_type=kind).json(decoder, LIMIT)


def test_headers_and_parameters_are_found_by_name() -> None:
    """The first of several values counts; an absent header is empty, an absent parameter None."""
    found = request(query=b"a=1&a=2&b=%C3%BC+x&c", idempotency_key="k")
    assert [found.parameter(name) for name in "abcd"] == ["1", "ü x", "", None]
    assert (found.header(b"idempotency-key"), found.header(b"session-epoch")) == (b"k", b"")


@pytest.mark.parametrize("query", [b"a=%ff", b"\xff", b"&".join([b"a"] * (MOST_PARAMETERS + 1))])
def test_a_wrong_query_gets_a_sentence(query: bytes) -> None:
    """A query that is not UTF-8, or has too many parameters, is refused."""
    with pytest.raises(BadRequest, match=f"UTF-8, with at most {MOST_PARAMETERS} parameters"):
        request(query=query).parameter("a")


def test_texts_are_measured_in_utf8() -> None:
    """An ASCII character counts as one byte, other characters as more."""
    assert [size_of(text) for text in ("", "abc", "ü", "🤘")] == [0, 3, 2, 4]


async def test_a_chunked_body_without_end_is_refused(memory: httpx.AsyncClient) -> None:
    """A body without an announced length is answered 413 as soon as it exceeds the limit."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(60):
            yield b"x" * 65536

    response = await memory.post(
        "/sessions/a/memory",
        content=endless(),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 413
