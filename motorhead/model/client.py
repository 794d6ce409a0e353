"""The client of the ``openai`` package that summaries and embeddings share, and its errors in our words.

``openai`` takes most of a second and 60 MiB to import, so it is imported at the first question, off the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from motorhead.config import ModelSettings
from motorhead.exceptions import ModelRejected, ModelUnavailable, TextRefused, TextTooLarge

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
#: What the original asks Azure for.
AZURE_API_VERSION = "2023-05-15"
#: What a model that nothing configures is refused with.
NOT_CONFIGURED = "No {what} is configured: set OPENAI_API_KEY or OPENAI_BASE_URL."
#: Set for servers that want no key: the package insists on one.
NO_KEY = "none"


class ModelClient:
    """Where the models are. ``client`` connects at first use; ``what`` names the model in sentences."""

    def __init__(self, settings: ModelSettings, deployment: str | None, what: str) -> None:
        self._settings = settings
        self._deployment = deployment
        self._what = what
        self._client: AsyncOpenAI | None = None

    async def ask(self, path: str, question: object) -> bytes:
        """The model's answer to ``question``, a JSON object, at ``path``. A ModelError says why there is none.

        Nothing is asked again that the model was slow or unwilling to answer: whoever asks knows when to, and holds
        leases and places meanwhile.
        """
        client = await self._made()
        with translated(self._what):
            return await _posted(client, path, question)

    async def _made(self) -> AsyncOpenAI:
        """The client, made once."""
        if not self._settings.configured:
            raise ModelRejected(NOT_CONFIGURED.format(what=self._what))
        if self._client is None:
            made = await asyncio.to_thread(self._make)
            self._client = self._client or made
        return self._client

    async def close(self) -> None:
        """Close the client's connections."""
        if self._client is not None:
            await self._client.close()

    def _make(self) -> AsyncOpenAI:
        import openai

        settings, azure = self._settings, self._settings.azure
        base = azure.base if azure else settings.base
        local = base is not None and urlsplit(base).hostname in LOOPBACK
        http_client = openai.DefaultAioHttpClient(trust_env=not local)
        if azure:
            return openai.AsyncAzureOpenAI(
                azure_endpoint=azure.base, api_key=azure.key, azure_deployment=self._deployment,
                api_version=AZURE_API_VERSION, timeout=settings.timeout, max_retries=0, http_client=http_client,
            )  # fmt: skip
        return openai.AsyncOpenAI(
            api_key=settings.key or NO_KEY, base_url=settings.base or "https://api.openai.com/v1",
            timeout=settings.timeout, max_retries=0, http_client=http_client,
        )  # fmt: skip


async def _posted(client: AsyncOpenAI, path: str, question: object) -> bytes:
    """The answer's body. Asked again at once if the connection broke: the model may have closed one that was kept.

    This is the package's way to call what it has no method for: it keeps addresses and keys, and leaves out the
    models of question and answer, which take most of the time of a call.
    """
    import httpx2
    import openai

    try:
        return (await client.post(path, cast_to=httpx2.Response, body=question)).content
    except openai.APITimeoutError:
        raise
    except openai.APIConnectionError:
        return (await client.post(path, cast_to=httpx2.Response, body=question)).content


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Errors of the ``openai`` package, raised as ours; ``what`` names the model in the sentence."""
    import httpx2
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        # The aiohttp transport calls it a time-out when nobody listens.
        if isinstance(error.__cause__, httpx2.ConnectTimeout):
            raise ModelUnavailable(f"The {what} cannot be reached.") from error
        raise ModelUnavailable(f"The {what} does not answer in time.") from error
    except openai.APIConnectionError as error:
        raise ModelUnavailable(f"The {what} cannot be reached.") from error
    except openai.APIStatusError as error:
        raise _from_status(error.status_code, error.code, what) from error
    except openai.OpenAIError as error:
        raise ModelUnavailable(f"The {what} gave an answer that cannot be read.") from error


def _from_status(status: int, code: str | None, what: str) -> Exception:
    if status == 413 or code == "context_length_exceeded":
        return TextTooLarge(f"The {what} cannot take this much text in one go.")
    if status in {401, 403}:
        return ModelRejected(f"The {what} refuses the key (status {status}); look at OPENAI_API_KEY.")
    if status == 404 or code == "model_not_found":
        return ModelRejected(f"The {what} refuses the request (status {status}); look at the model's name.")
    if status in {400, 422}:
        return TextRefused(f"The {what} refuses this text (status {status}).")
    if status == 429:
        return ModelUnavailable(f"The {what} is asked too often (status 429).")
    return ModelUnavailable(f"The {what} fails (status {status}).")
