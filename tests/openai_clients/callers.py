"""An owner who uses the site with OpenAI's Python client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

import httpx
from django.test import override_settings
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from chat.web.tokens import issue_token
from tests.support.servers import PATIENCE, Site


class Caller:
    """``client`` is OpenAI's, which makes one retry of its own."""

    def __init__(self, site: Site, owner: str) -> None:
        self.site = site
        self.owner = owner
        with override_settings(SECRET_KEY=(site.data / "secret_key").read_text()):
            self.token = issue_token(owner, timedelta(hours=1))
        self.url = f"{site.url}/v1"
        self.client = AsyncOpenAI(base_url=self.url, api_key=self.token, max_retries=1, timeout=60 * PATIENCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def worker(self) -> str:
        """The name of the worker at the other end of the client's connection, which it keeps."""
        raw = await self.client.models.with_raw_response.list()
        return _worker(raw.headers)

    async def answering(self, session: str = "s") -> str:
        """The name of the worker that answers in the session, also to another client."""
        address, headers = f"{self.site.url}/api/v1/sessions/{session}", {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as client:
            turn = (await client.get("/messages")).json()["answering"]
            return str((await client.get(f"/turns/{turn}/prompt")).json()["worker"])

    async def ask(self, text: str, session: str = "s", **options: Any) -> ChatCompletion:
        """The whole answer to ``text``."""
        answer = await self.client.chat.completions.create(**_asked(text, session), **options)
        assert isinstance(answer, ChatCompletion)
        return answer

    async def stream(
        self, text: str, session: str = "s", **options: Any
    ) -> tuple[AsyncStream[ChatCompletionChunk], str]:
        """The streamed answer to ``text``, and the name of the worker at the other end of its connection."""
        raw = await self.client.chat.completions.with_raw_response.create(
            **_asked(text, session), stream=True, **options
        )
        return raw.parse(), _worker(raw.headers)

    async def exchange(self, session: str = "s") -> list[str]:
        """The remembered messages of a session, oldest first."""
        async with httpx.AsyncClient(base_url=self.site.record()["memory"], trust_env=False) as client:
            found = (await client.get(f"/sessions/{self.owner}.{session}/memory")).json()
        return [message["content"] for message in reversed(found["messages"])]


def _worker(headers: Mapping[str, str]) -> str:
    return headers["Served-By"].partition("/")[0]


def _asked(text: str, session: str) -> dict[str, Any]:
    message = {"role": "user", "content": text}
    return {"model": "gpt-4o", "messages": [message], "metadata": {"session": session}}


def text_of(answer: ChatCompletion) -> str | None:
    """The text of a whole answer."""
    return answer.choices[0].message.content


async def text_streamed(stream: AsyncStream[ChatCompletionChunk]) -> str:
    """The text of what is left of a stream."""
    return "".join([piece async for piece in pieces(stream)])


async def pieces(stream: AsyncStream[ChatCompletionChunk]) -> Any:
    """The pieces of a stream's text."""
    async for chunk in stream:
        for choice in chunk.choices:
            if choice.delta.content:
                yield choice.delta.content
