"""The model, through langchain-openai. Only this file knows how its stream is read.

The client is built once in each process (it takes a third of a millisecond) and uses openai's aiohttp transport. The
stream's chunks stay dicts, as on the wire: `ChatOpenAI` accepts them as well as openai's pydantic models, which it
turns into dicts anyway. With many streams open each is read less often, and the text that has arrived since the last
read becomes one piece (`chat.model.stream`). Figures in docs/speed.md.
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
    ModelError,
    ModelNotUnderstood,
    ModelRefused,
    ModelStalled,
    ModelUnreachable,
)
from chat.domain.hosts import is_loopback
from chat.domain.messages import Reasoning
from chat.model.reply import ReplyReader
from chat.model.stream import StreamingClient

#: Seconds to connect to the model's host.
CONNECT_TIMEOUT = 5
MAX_RETRIES = 2
#: Reads of all streams together in a second, and the longest pause between two reads of one stream, in seconds.
READS_A_SECOND, LONGEST_PAUSE = 250, 0.1


class ChatModel:
    """An OpenAI-compatible chat model.

    ``patience``: seconds of silence after which a turn is given up; comments in the stream count as silence.
    ``most_chars``: characters after which a reply is cut short; its reasoning has the same limit for itself.
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
            api_key=api_key or "none",  # the openai package insists on a key even if the server does not
            http_client=openai.DefaultAioHttpClient(trust_env=proxied),
            timeout=openai.Timeout(patience, connect=CONNECT_TIMEOUT),
            max_retries=MAX_RETRIES,
        )
        self._model = ChatOpenAI(
            model=name,
            api_key=lambda: "none",  # for its own clients, which are never used
            async_client=_Completions(self._client),
            stream_usage=False,
            stream_chunk_timeout=None,  # `stream_reply` has one of its own, without a task for each chunk
            streaming=True,
        )

    async def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str | Reasoning]:
        """The reply in non-empty pieces, the first without delay, and the model's reasoning before it.

        Closing or cancelling the iterator closes the connection, so the model stops writing. Raises `ModelError`; of
        these, `ModelStalled`: the model was silent for ``patience`` seconds; `ModelCut`, after the last piece: the
        model's own limit or filter, or ``most_chars``, has cut the reply short.
        """
        stream = cast(AsyncGenerator[AIMessageChunk], self._model.astream(list(messages)))
        reply = ReplyReader(self.most_chars)
        now = asyncio.get_running_loop().time
        self._streams += 1
        try:
            async with _translated(), asyncio.timeout(self.patience) as silence, aclosing(stream):
                async for chunk in stream:
                    silence.reschedule(None)  # the reader's time does not count
                    for piece in reply.read(chunk):
                        yield piece
                        await asyncio.sleep(self._pause())
                    silence.reschedule(now() + self.patience)
            for piece in reply.end():
                yield piece
        except (ModelUnreachable, ModelNotUnderstood, ModelStalled) as error:
            if reply.has_begun:
                raise ModelStalled from error
            raise
        finally:
            self._streams -= 1

    def _pause(self) -> float:
        """Seconds until a stream is read again: imperceptible with a few streams, a tenth of a second with many."""
        return min(self._streams / READS_A_SECOND, LONGEST_PAUSE)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._client.close()


class _Completions:
    """The part of ``chat.completions`` that `ChatOpenAI` uses: a stream, here of chunks that are merely decoded."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def create(self, **asked: Any) -> openai.AsyncStream[object]:
        chunks = openai.AsyncStream[object]  # `object` means "as in the JSON" to openai
        return await self._client.post("/chat/completions", body=asked, cast_to=object, stream=True, stream_cls=chunks)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn openai's errors into ours, and those of the transport that openai lets through."""
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
    except (ValueError, TypeError, AttributeError, LookupError) as error:  # LangChain did not expect this shape
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
