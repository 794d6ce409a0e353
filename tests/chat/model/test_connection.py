"""Where requests go, and with which key."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from functools import partial

import pytest

from chat.domain.exceptions import ModelError, ModelRefused, ModelUnreachable
from chat.model import stream
from chat.model.client import ChatModel
from chat.model.connection import AzureDeployment, Connection
from tests.chat.model.test_client import PROMPT
from tests.support.ports import until
from tests.support.refusing_proxy import refusing_proxy
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE


async def test_a_deployment_on_azure_is_asked_in_the_configured_version(scripted_openai: ScriptedOpenAI) -> None:
    """The path names the deployment, the query the version, and a header of Azure's own the key."""
    azure = AzureDeployment(scripted_openai.url.removesuffix("/v1"), "azure-key", "gpt-4o-eu", "2024-10-21")
    model = ChatModel("gpt-4o-mini", azure=azure, patience=20 * PATIENCE)
    scripted_openai.enqueue("Hi Bob")
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
    request = scripted_openai.requests[0]
    assert request.path == "/openai/deployments/gpt-4o-eu/chat/completions"
    assert request.query == "api-version=2024-10-21"
    assert request.headers["api-key"] == "azure-key"
    assert "authorization" not in request.headers
    await model.aclose()


async def test_an_organisation_is_named(scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests have the headers of openai's client, with what it reads from the environment."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-drums")
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    scripted_openai.enqueue("Hi Bob")
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
    headers = scripted_openai.requests[0].headers
    assert (headers["openai-organization"], headers["authorization"]) == ("org-drums", "Bearer key")
    assert headers["content-type"] == "application/json"
    await model.aclose()


async def test_azures_key_is_taken_nowhere_else(scripted_openai: ScriptedOpenAI) -> None:
    """A redirection is a refusal: the key would be sent to whatever address the answer names."""
    azure = AzureDeployment(scripted_openai.url.removesuffix("/v1"), "azure-key", "gpt-4o-eu", "2024-10-21")
    model = ChatModel("gpt-4o-mini", azure=azure, patience=20 * PATIENCE)
    elsewhere = "https://new.example.org/openai/deployments/gpt-4o-eu/chat/completions?api-version=1"
    scripted_openai.enqueue(Reply(status=307, raw=[b""], headers={"Location": elsewhere}))
    await _refused(model, "redirects to https://new.example.org. Set AZURE_API_BASE")
    assert len(scripted_openai.requests) == 1


@pytest.mark.parametrize("status", [300, 304, 307])
async def test_a_redirection_to_nowhere_is_a_refusal(scripted_openai: ScriptedOpenAI, status: int) -> None:
    """The sentence names its status, rather than a model that has not begun to answer."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    scripted_openai.enqueue(Reply(status=status, raw=[b""]))
    await _refused(model, str(status))


@pytest.mark.parametrize("place", ["mailto:admin@example.org", "http://["])
async def test_a_redirection_to_no_address_is_a_refusal(scripted_openai: ScriptedOpenAI, place: str) -> None:
    """On Azure, where redirections are not followed, the client of HTTP does not look at the address."""
    azure = AzureDeployment(scripted_openai.url.removesuffix("/v1"), "azure-key", "gpt-4o-eu", "2024-10-21")
    model = ChatModel("gpt-4o-mini", azure=azure, patience=20 * PATIENCE)
    scripted_openai.enqueue(Reply(status=302, raw=[b""], headers={"Location": place}))
    await _refused(model, "302")


async def _refused(model: ChatModel, words: str) -> None:
    with pytest.raises(ModelRefused, match=re.escape(words)):
        assert not [piece async for piece in model.stream_reply(PROMPT)]
    await model.aclose()


async def test_a_proxy_does_not_see_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the way to https it is asked for a tunnel, in clear text, and for nothing else."""
    async with refusing_proxy() as (place, heads):
        monkeypatch.setenv("https_proxy", place)
        model = ChatModel("scripted", base_url="https://model.invalid/v1", api_key="SECRET", patience=20 * PATIENCE)
        with pytest.raises(ModelUnreachable):
            assert not [piece async for piece in model.stream_reply(PROMPT)]
        await model.aclose()
    assert heads[0].startswith("CONNECT model.invalid:443 ")
    assert "SECRET" not in "".join(heads)


async def test_a_login_in_the_address_takes_the_place_of_the_key(scripted_openai: ScriptedOpenAI) -> None:
    """A server behind a gateway is asked with the gateway's user and password."""
    address = scripted_openai.url.replace("http://", "http://bob:pw@")
    model = ChatModel("scripted", base_url=address, api_key="key", patience=20 * PATIENCE)
    scripted_openai.enqueue("Hi Bob")
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
    assert scripted_openai.requests[0].headers["authorization"] == "Basic Ym9iOnB3"
    await model.aclose()


async def test_headers_may_be_long(scripted_openai: ScriptedOpenAI) -> None:
    """A gateway may send a policy of more than 8 KiB."""
    scripted_openai.enqueue(Reply("Hi Bob", headers={"content-security-policy": "x" * 20_000}))
    model = ChatModel("scripted", base_url=scripted_openai.url, patience=20 * PATIENCE)
    assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
    await model.aclose()


async def test_connections_are_used_again(scripted_openai: ScriptedOpenAI) -> None:
    """Turns one after the other share a connection, whose stream was read to its end."""
    connections = set()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer.get_extra_info("peername"))
        port = int(scripted_openai.url.rsplit(":", 1)[1].removesuffix("/v1"))
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        model = ChatModel("scripted", base_url=f"http://127.0.0.1:{port}/v1", patience=20 * PATIENCE)
        for _ in range(3):
            scripted_openai.enqueue("Hi Bob")
            assert "".join([str(piece) async for piece in model.stream_reply(PROMPT)]) == "Hi Bob"
        await model.aclose()
    assert len(connections) == 1


async def test_a_body_that_ends_after_its_stream_leaves_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader does not wait for the end of the body, but the next request finds the connection free."""
    monkeypatch.setattr(stream, "REST", 100 * PATIENCE)
    clients, read = [], asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.append(writer)
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\ndata: [DONE]\n\n\r\n")
                await read.wait()
                read.clear()
                writer.write(b"0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        connection = Connection(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", "", None)
        for _ in range(3):
            async with await connection.ask({}) as chunks:
                assert not [chunk async for chunk in chunks]
            assert not chunks._response.closed
            read.set()
            await until(partial(_is_closed, chunks))
        await connection.aclose()
    assert len(clients) == 1


async def _is_closed(chunks: stream.Chunks) -> bool:
    return chunks._response.closed


async def test_a_body_without_an_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection is closed soon after the stream's last event."""
    monkeypatch.setattr(stream, "REST", 0.05)
    closed = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\ndata: [DONE]\n\n")
        await reader.read()
        closed.set()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        model = ChatModel("scripted", base_url=f"http://127.0.0.1:{port}/v1", patience=20 * PATIENCE)
        with suppress(ModelError):
            assert not [piece async for piece in model.stream_reply(PROMPT)]
        await asyncio.wait_for(closed.wait(), 20 * PATIENCE)
        await model.aclose()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while read := await reader.read(2**16):
        writer.write(read)
    writer.close()
