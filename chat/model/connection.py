"""The connection to the model: to OpenAI, to a server that speaks its protocol, or to a deployment on Azure.

Requests go to aiohttp at once, without the layers of openai's client, which take a millisecond before a request and
much of the time of a chunk. That client only says where requests go and with which headers.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx2
import openai
from yarl import URL

from chat.domain.exceptions import ModelRefused, ModelUnreachable
from chat.domain.hosts import proxy_to
from chat.model.redirects import moved_to
from chat.model.refusals import refusal
from chat.model.stream import Chunks

#: The path of a question below the model's address.
PATH = "chat/completions"
#: Seconds to connect to the model's host.
CONNECT_TIMEOUT = 5
#: Seconds that a connection may be idle: less than servers allow, so that no request meets a closing connection.
IDLE = 4.0
#: The most bytes of a header in an answer. Gateways send policies and cookies that exceed aiohttp's 8 KiB.
LONGEST_HEADER = 65_536


@dataclass(frozen=True, slots=True)
class AzureDeployment:
    """The ``deployment`` of a model at ``base``, asked in the version ``api_version`` of Azure's API."""

    base: str
    key: str
    deployment: str
    api_version: str


class Connection:
    """The way to the model at ``base_url`` ("": OpenAI's), or to ``azure``.

    Its connections belong to the loop of the first request.
    """

    def __init__(self, base_url: str, api_key: str, azure: AzureDeployment | None) -> None:
        self.is_azure = azure is not None
        client = _client(base_url, api_key, azure)
        self._url = _completions(client)
        self._headers = _headers(client)
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, asked: Mapping[str, Any]) -> Chunks:
        """The chunks of the answer to the request ``asked``, once it has begun. Raises `ModelError`."""
        body = json.dumps(asked, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
        session = self._session or self._open()
        try:
            # On the way to another origin, aiohttp drops an Authorization, but not Azure's key.
            follow = not self.is_azure
            response = await session.post(self._url, data=body, headers=self._headers, allow_redirects=follow)
        except (aiohttp.ClientError, OSError) as error:  # `TimeoutError` is one
            raise ModelUnreachable from error
        if place := moved_to(response, PATH, azure=self.is_azure):
            response.close()
            moved = "azure_moved" if self.is_azure else "moved"
            raise ModelRefused(moved, status=response.status, place=place)
        if response.status >= 300:
            async with response:
                raise refusal(response.status, await _read(response), response.headers, azure=self.is_azure)
        return Chunks(response, azure=self.is_azure)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # The certificates that openai's client trusts, since a machine may not have any of its own.
        secure: ssl.SSLContext | bool = httpx2.create_ssl_context() if self._url.scheme == "https" else True
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE, ssl=secure),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_field_size=LONGEST_HEADER,
            # Silence is noticed by the reader of the stream, without a timer for every read.
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_TIMEOUT),
            proxy=proxy_to(self._url.scheme, self._url.host or ""),  # `trust_env` would look for one at every request
        )
        return self._session


def _client(base_url: str, api_key: str, azure: AzureDeployment | None) -> openai.AsyncOpenAI:
    if azure:
        return openai.AsyncAzureOpenAI(
            azure_endpoint=azure.base,
            azure_deployment=azure.deployment,
            api_version=azure.api_version,
            api_key=azure.key,
        )
    # The openai package insists on a key even if the server does not.
    return openai.AsyncOpenAI(base_url=base_url or None, api_key=api_key or "none")


def _completions(client: openai.AsyncOpenAI) -> URL:
    url = URL(str(client.base_url.join(PATH)), encoded=True)
    return url.update_query({name: str(value) for name, value in client.default_query.items()})


def _headers(client: openai.AsyncOpenAI) -> dict[str, str]:
    headers = {**client.default_headers, **client.auth_headers}
    if client.base_url.userinfo:
        headers.pop("Authorization", None)  # aiohttp sends the login in the address
    return {name: value for name, value in headers.items() if isinstance(value, str)}


async def _read(response: aiohttp.ClientResponse) -> object:
    """What a refusal says: its error, or all of it if it is not JSON of the known form."""
    text = ""
    with suppress(aiohttp.ClientError, OSError, ValueError, RecursionError, LookupError):
        text = (await response.text(errors="replace")).strip()
        body = json.loads(text)
        return body.get("error", body) if isinstance(body, Mapping) else body
    return text
