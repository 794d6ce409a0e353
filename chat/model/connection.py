"""The connection to the model: to OpenAI, to a server that speaks its protocol, or to a deployment on Azure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import openai

from chat.domain.hosts import is_loopback
from chat.model.stream import StreamingClient

#: Seconds to connect to the model's host.
CONNECT_TIMEOUT = 5


@dataclass(frozen=True, slots=True)
class AzureDeployment:
    """The ``deployment`` of a model at ``base``, asked in the version ``api_version`` of Azure's API."""

    base: str
    key: str
    deployment: str
    api_version: str


class StreamingAzureClient(StreamingClient, openai.AsyncAzureOpenAI):
    """openai's client for Azure, with streams decoded like those of `StreamingClient`."""


def connect(base_url: str, api_key: str, azure: AzureDeployment | None, *, patience: float) -> openai.AsyncOpenAI:
    """A client for the model at ``base_url`` ("": OpenAI's), or for ``azure``. It does not repeat requests itself."""
    host = urlsplit(azure.base if azure else base_url).hostname or "api.openai.com"
    transport = openai.DefaultAioHttpClient(trust_env=not is_loopback(host))
    timeout = openai.Timeout(patience, connect=CONNECT_TIMEOUT)
    if azure:
        return StreamingAzureClient(
            azure_endpoint=azure.base,
            azure_deployment=azure.deployment,
            api_version=azure.api_version,
            api_key=azure.key,
            http_client=transport,
            timeout=timeout,
            max_retries=0,
        )
    return StreamingClient(
        base_url=base_url or None,
        api_key=api_key or "none",  # the openai package insists on a key even if the server does not
        http_client=transport,
        timeout=timeout,
        max_retries=0,
    )
