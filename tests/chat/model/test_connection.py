"""Where requests go, and with which key."""

from __future__ import annotations

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
