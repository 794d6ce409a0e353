"""Where requests go, and with which key."""

from __future__ import annotations

import asyncio

import pytest

from chat.domain.exceptions import ModelRefused, ModelUnreachable
from chat.model.client import ChatModel
from chat.model.connection import AzureDeployment
from tests.chat.model.test_client import PROMPT
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
    assert [str(piece) async for piece in model.stream_reply(PROMPT)] == ["Hi Bob"]
    headers = scripted_openai.requests[0].headers
    assert (headers["openai-organization"], headers["authorization"]) == ("org-drums", "Bearer key")
    assert headers["content-type"] == "application/json"
    await model.aclose()


async def test_azures_key_is_taken_nowhere_else(scripted_openai: ScriptedOpenAI) -> None:
    """A redirection is a refusal: the key would be sent to whatever address the answer names."""
    azure = AzureDeployment(scripted_openai.url.removesuffix("/v1"), "azure-key", "gpt-4o-eu", "2024-10-21")
    model = ChatModel("gpt-4o-mini", azure=azure, patience=20 * PATIENCE)
    scripted_openai.enqueue(Reply(status=307, raw=[b""], headers={"Location": f"{scripted_openai.url}/other"}))
    await _refused(model, 307)
    assert len(scripted_openai.requests) == 1


@pytest.mark.parametrize("status", [300, 304, 307])
async def test_a_redirection_to_nowhere_is_a_refusal(scripted_openai: ScriptedOpenAI, status: int) -> None:
    """The sentence names its status, rather than a model that has not begun to answer."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    scripted_openai.enqueue(Reply(status=status, raw=[b""]))
    await _refused(model, status)


async def _refused(model: ChatModel, status: int) -> None:
    with pytest.raises(ModelRefused, match=str(status)):
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
