"""Where requests go, and with which key."""

from __future__ import annotations

import asyncio

import pytest

from chat.model.client import ChatModel
from chat.model.connection import AzureDeployment
from tests.chat.model.test_client import PROMPT
from tests.support.scripted_openai import ScriptedOpenAI
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
    assert [str(piece) async for piece in model.stream_reply(PROMPT)] == ["Hi Bob"]
    headers = scripted_openai.requests[0].headers
    assert (headers["openai-organization"], headers["authorization"]) == ("org-drums", "Bearer key")
    assert headers["content-type"] == "application/json"
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
            assert [str(piece) async for piece in model.stream_reply(PROMPT)] == ["Hi Bob"]
        await model.aclose()
    assert len(connections) == 1


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while read := await reader.read(2**16):
        writer.write(read)
    writer.close()
