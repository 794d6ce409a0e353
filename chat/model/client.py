"""The model, through langchain-openai. Only this file knows how its stream is read.

`ChatOpenAI` is built once in each process (it takes a third of a millisecond). It writes the request and reads the
chunks, which are dicts: it accepts these as well as openai's pydantic models, which it turns into dicts anyway. The
request is sent by `chat.model.connection`. With many streams open each is read less often, and the text that has
arrived since the last read becomes one piece (`chat.model.stream`). Figures in docs/speed.md.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_openai import ChatOpenAI

from chat.domain.exceptions import ModelCut, ModelError, ModelSilent, ModelStalled, PromptTooLong, RolesRefused
from chat.domain.messages import Reasoning
from chat.model.connection import AzureDeployment, Connection
from chat.model.last_calls import LastCalls, name_of
from chat.model.refusals import translated
from chat.model.reply import ReplyReader
from chat.model.retries import with_retries
from chat.model.roles import without_system
from chat.model.silence import limited
from chat.model.stream import Chunks

logger = logging.getLogger(__name__)

#: Reads of all streams together in a second, and the longest pause between two reads of one stream, in seconds.
READS_A_SECOND, LONGEST_PAUSE = 250, 0.1


class ChatModel:
    """An OpenAI-compatible chat model, or the one of a deployment on ``azure``.

    ``patience``: seconds of silence after which a turn is given up; comments in the stream count as silence.
    ``most_chars``: characters after which a reply is cut short; its reasoning has the same limit for itself.
    ``on_failure`` is called with the name of each error.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str = "",
        api_key: str = "",
        azure: AzureDeployment | None = None,
        patience: float = 60,
        most_chars: int = 200_000,
        on_failure: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.name = azure.deployment if azure else name
        self.patience = patience
        self.most_chars = most_chars
        self.last_calls = LastCalls(on_failure)
        self._streams = 0
        #: Whether its template is known to have no role for system texts.
        self._refuses_system = False
        self._connection = Connection(base_url, api_key, azure)
        self._model = ChatOpenAI(
            model=name,
            api_key=lambda: "none",  # for its own clients, which are never used
            async_client=_Completions(self._connection, self.last_calls.retried),
            stream_usage=False,
            stream_chunk_timeout=None,  # `_reply` has one of its own, without a task for each chunk
            streaming=True,
        )

    async def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str | Reasoning]:
        """The reply in non-empty pieces, the first without delay, and the model's reasoning before it.

        A template that refuses the roles is asked once more, without a system message, and so are later prompts.
        Closing or cancelling the iterator closes the connection, so the model stops writing. Raises `ModelError`; of
        these, before the first piece, `PromptTooLong`; `ModelStalled`: the model was silent for ``patience`` seconds;
        `ModelCut`, after the last piece: the model's own limit or filter, or ``most_chars``, has cut the reply short.
        """
        if not self._refuses_system:
            try:
                async with aclosing(self._reply(messages)) as reply:
                    async for piece in reply:
                        yield piece
            except RolesRefused:
                pass
            else:
                return
        async with aclosing(self._reply(without_system(messages))) as reply:
            async for piece in reply:
                self._refuses_system = True
                yield piece

    async def _reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str | Reasoning]:
        """The reply, asked for once. A failure is a line in the log."""
        begun, came, answered = time.monotonic(), False, False
        try:
            async with aclosing(self._pieces(messages)) as pieces:
                async for piece in pieces:
                    came, answered = True, answered or isinstance(piece, str)
                    yield piece
            if not answered:
                raise ModelSilent
            self.last_calls.succeeded()
        except ModelError as error:
            failure = _amid(error, answered=answered) if came else error
            if answered and isinstance(failure, ModelCut):
                self.last_calls.succeeded()
            else:
                self.last_calls.failed(failure)
                _log(failure, error.details.get("status"), time.monotonic() - begun)
            raise failure from error.__cause__

    async def _pieces(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str | Reasoning]:
        stream = cast(AsyncGenerator[AIMessageChunk], self._model.astream(list(messages)))
        reply = ReplyReader(self.most_chars)
        self._streams += 1
        try:
            with reply.whole_once_ended():
                async with translated(), limited(self.patience) as silence, aclosing(stream):
                    async for chunk in stream:
                        silence.heard()
                        for piece in reply.read(chunk):
                            yield piece
                            await asyncio.sleep(self._pause())
                        silence.listen()
            for piece in reply.end():
                yield piece
        finally:
            self._streams -= 1

    def _pause(self) -> float:
        """Seconds until a stream is read again: imperceptible with a few streams, a tenth of a second with many."""
        return min(self._streams / READS_A_SECOND, LONGEST_PAUSE)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._connection.aclose()


class _Completions:
    """The part of ``chat.completions`` that `ChatOpenAI` uses."""

    def __init__(self, connection: Connection, on_retry: Callable[[ModelError], None]) -> None:
        self._connection = connection
        self._on_retry = on_retry

    async def create(self, **asked: Any) -> Chunks:
        return await with_retries(lambda: self._connection.ask(asked), self._on_retry)


def _amid(error: ModelError, *, answered: bool) -> ModelError:
    """What ``error`` means after a part of the reply has come; only its reasoning unless ``answered``."""
    if isinstance(error, PromptTooLong):  # the context is full with the reply, as llama.cpp reports
        return ModelCut("length", thinking=not answered)
    return error if isinstance(error, ModelCut | ModelSilent) else ModelStalled()


def _log(error: ModelError, status: int | None, seconds: float) -> None:
    """Log one line that contains neither text nor the name of a session."""
    logger.warning("A model call failed after %.1f s: %s, status %s.", seconds, name_of(error), status or "unknown")
