"""The model, through langchain-openai. This file alone knows how its stream is taken.

The client is built once a process (a third of a millisecond each), with openai's aiohttp transport, and the stream's
chunks stay the dicts that they are on the wire: `ChatOpenAI` takes them as gladly as openai's pydantic models, which it
turns into dicts first. Where many streams are open each is read less often, and what came meanwhile is one piece
(`chat.model.stream`). Figures in docs/speed.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import openai
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_openai import ChatOpenAI

from chat.domain.exceptions import (
    ModelCut,
    ModelError,
    ModelNotUnderstood,
    ModelRefused,
    ModelStalled,
    ModelUnreachable,
)
from chat.domain.hosts import is_loopback
from chat.model.stream import StreamingClient

#: Seconds to reach the model's host.
CONNECT_TIMEOUT = 5
MAX_RETRIES = 2
#: Finish reasons of an answer that lacks its end.
CUTS = {"length", "content_filter"}
#: Reads a second of all streams together, and the longest pause between two of one, in seconds.
READS_A_SECOND, LONGEST_PAUSE = 250, 0.1


class ChatModel:
    """An OpenAI-compatible chat model.

    ``patience``: seconds that it may be silent before a turn is given up; comments in its stream are silence.
    ``most_chars``: of a reply, which is ended there.
    """

    def __init__(
        self, name: str, *, base_url: str = "", api_key: str = "", patience: float = 60, most_chars: int = 200_000
    ) -> None:
        self.patience = patience
        self.most_chars = most_chars
        proxied = not is_loopback(urlsplit(base_url).hostname or "api.openai.com")
        self._streams = 0
        self._client = StreamingClient(
            base_url=base_url or None,
            api_key=api_key or "none",  # the openai package wants some key even where the server wants none
            http_client=openai.DefaultAioHttpClient(trust_env=proxied),
            timeout=openai.Timeout(patience, connect=CONNECT_TIMEOUT),
            max_retries=MAX_RETRIES,
        )
        self._model = ChatOpenAI(
            model=name,
            api_key=lambda: "none",  # for its own clients, which are never asked
            async_client=_Completions(self._client),
            stream_usage=False,
            stream_chunk_timeout=None,  # `stream_reply` has one of its own, which needs no task a chunk
            streaming=True,
        )

    async def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str]:
        """The reply, piece by piece, none of them empty, the first as soon as it is there.

        Closing or cancelling the iteration closes the connection, so the model stops writing. Raises
        `ModelError`: `ModelStalled` after ``patience`` seconds of silence, and `ModelCut` after the
        last piece where the model's own limit or filter, or ``most_chars``, has ended the reply.
        """
        stream = cast(AsyncGenerator[AIMessageChunk], self._model.astream(list(messages)))
        left, finish = self.most_chars, None
        now = asyncio.get_running_loop().time
        self._streams += 1
        try:
            async with _translated(), asyncio.timeout(self.patience) as silence, aclosing(stream):
                async for chunk in stream:
                    finish = chunk.response_metadata.get("finish_reason", finish)
                    if text := str(chunk.text):
                        silence.reschedule(None)  # the reader's time is not the model's
                        yield text[:left]
                        if (left := left - len(text)) <= 0:
                            raise ModelCut("length")
                        await asyncio.sleep(self._pause())
                    silence.reschedule(now() + self.patience)
            if finish in CUTS:
                raise ModelCut(finish)
        except (ModelUnreachable, ModelNotUnderstood, ModelStalled) as error:
            if left < self.most_chars:
                raise ModelStalled from error
            raise
        finally:
            self._streams -= 1

    def _pause(self) -> float:
        """Seconds until a stream is read again: nothing that is seen for a few, a tenth of a second for many."""
        return min(self._streams / READS_A_SECOND, LONGEST_PAUSE)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


class _Completions:
    """What `ChatOpenAI` asks of ``chat.completions``: a stream, here of chunks that are decoded and nothing more."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def create(self, **asked: Any) -> openai.AsyncStream[object]:
        chunks = openai.AsyncStream[object]  # openai's sign for "as it is in the JSON"
        return await self._client.post("/chat/completions", body=asked, cast_to=object, stream=True, stream_cls=chunks)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn openai's errors, and the transport's where openai lets them through, into ours."""
    try:
        yield
    except ModelError:
        raise
    except (openai.APIConnectionError, openai.APITimeoutError) as error:
        raise ModelUnreachable from error
    except openai.APIStatusError as error:
        raise _refusal(error) from error
    except (openai.OpenAIError, aiohttp.ClientError, TimeoutError) as error:
        raise ModelStalled(begun=False) from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:  # LangChain stumbles over the shape
        raise ModelNotUnderstood from error


def _refusal(error: openai.APIStatusError) -> ModelError:
    match error.status_code:
        case 401 | 403:
            return ModelRefused("key")
        case 404:
            return ModelRefused("name")
        case 429:
            return ModelRefused("quota")
        case status if status >= 500:
            return ModelUnreachable()
        case status:
            return ModelRefused("request", status=status)
