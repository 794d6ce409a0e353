"""The shared client for summaries and embeddings, which turns errors of the ``openai`` package into ours.

Importing ``openai`` takes most of a second and 60 MiB, so it is imported for the first question, off the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from motorhead.config import ModelSettings
from motorhead.exceptions import ModelError, ModelFailed, ModelRejected, ModelUnavailable
from motorhead.model.azure import azure_failure
from motorhead.model.failures import failure, failure_in

if TYPE_CHECKING:
    from openai import AsyncOpenAI

logger = logging.getLogger(__name__)

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
#: The error if no model is configured.
NOT_CONFIGURED = "No {what} is configured: set OPENAI_API_KEY or OPENAI_BASE_URL."
#: Sent to servers that need no key, because the package insists on one.
NO_KEY = "none"
#: The codes of errors that are logged; anything else might quote a text.
CODE = re.compile(r"[a-z0-9_.-]{1,40}", re.IGNORECASE | re.ASCII)


class ModelClient:
    """Asks a model. Connects at first use; ``what`` names the model in error sentences."""

    def __init__(self, settings: ModelSettings, deployment: str | None, what: str) -> None:
        self._settings = settings
        self._deployment = deployment
        self._what = what
        self._client: AsyncOpenAI | None = None

    async def ask(self, path: str, question: object) -> bytes:
        """The body of the model's answer to ``question`` (a JSON object) at ``path``.

        A slow or failing model is not asked again here: the caller decides when, and holds leases and slots meanwhile.
        Raises `ModelError`: the model gave no answer.
        """
        client = await self._made()
        began = monotonic()
        try:
            with translated(self._what, azure=bool(self._settings.azure)):
                answer = await _posted(client, path, question)
            if error := failure_in(self._what, answer):
                raise error
        except ModelError as error:
            logger.warning(
                "A call of the %s failed after %.2f s: %s (%s).",
                *(self._what, monotonic() - began, type(error).__name__, _reported(error)),
            )
            raise
        return answer

    async def _made(self) -> AsyncOpenAI:
        """The client, created at the first call."""
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
                api_version=azure.version, timeout=settings.timeout, max_retries=0, http_client=http_client,
            )  # fmt: skip
        return openai.AsyncOpenAI(
            api_key=settings.key or NO_KEY, base_url=settings.base or "https://api.openai.com/v1",
            timeout=settings.timeout, max_retries=0, http_client=http_client,
        )  # fmt: skip


async def _posted(client: AsyncOpenAI, path: str, question: object) -> bytes:
    """The answer's body. Retried once if the connection broke, as the server may have closed an idle connection.

    This is the package's interface for endpoints without a method of their own: it adds address and key, but skips
    the validation of question and answer, which takes most of the time of a call.
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
def translated(what: str, *, azure: bool = False) -> Iterator[None]:
    """Turn errors of the ``openai`` package into ours; ``what`` names the model in the sentence.

    ``azure``: whether Azure was asked.
    """
    import httpx2
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        # The aiohttp transport reports a time-out if nothing listens at the address.
        if isinstance(error.__cause__, httpx2.ConnectTimeout):
            raise ModelUnavailable(f"The {what} cannot be reached.") from error
        raise ModelFailed(f"The {what} did not answer in time.") from error
    except openai.APIConnectionError as error:
        raise ModelUnavailable(f"The {what} cannot be reached.") from error
    except openai.APIStatusError as error:
        status, body = error.status_code, error.response.text
        about_azure = azure_failure(what, status, body) if azure else None
        raise about_azure or failure(what, status, body, error.response.headers) from error
    except openai.OpenAIError as error:
        raise unreadable(what) from error


def unreadable(what: str) -> ModelFailed:
    """The error about an answer that is not in the expected form; ``what`` names the model in its sentence."""
    return ModelFailed(f"The {what} gave an answer that cannot be read.")


def _reported(error: ModelError) -> str:
    """The status and the code that the model reported, for the log."""
    cause = error.__cause__
    status, code = getattr(cause, "status_code", None), getattr(cause, "code", None)
    named = f"code {code}" if isinstance(code, str) and CODE.fullmatch(code) else "no code"
    return f"{f'status {status}' if status else 'no status'}, {named}"
