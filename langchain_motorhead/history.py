"""A chat history for ``RunnableWithMessageHistory`` and whatever else takes LangChain's ``BaseChatMessageHistory``.

    history = MotorheadChatMessageHistory("bob", "http://localhost:8080")
    await history.aadd_messages([HumanMessage("hi im bob"), AIMessage("Hi Bob")])
    await history.aget_messages()   # the summary as a system message, then the window, oldest first

Async first: the sync calls exist because LangChain's base class wants them, and do the same with a client of their own.
"""

from __future__ import annotations

import asyncio
import inspect
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    BaseMessageChunk,
    HumanMessage,
    SystemMessage,
    message_chunk_to_message,
)
from langchain_core.runnables.history import RunnableWithMessageHistory

#: Seconds between tries of a request whose repetition does no harm: every one of ours.
PAUSES = (0.2, 1.0)
KINDS: dict[str, type[BaseMessage]] = {"AI": AIMessage, "ai": AIMessage, "system": SystemMessage}
#: Under this key of a message's ``response_metadata`` stands by which read of a chain it came, and at which place.
READ_FROM = "motorhead_read"
#: LangChain's methods that read before the model, and read and save after it.
ENTERING = {"_enter_history", "_aenter_history"}
SAVING = {"_exit_history", "_aexit_history"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WORTH_ANOTHER_TRY = {502, 503, 504}


class MotorheadError(Exception):
    """The memory server did not do what was asked; the message is a sentence that says why.

    ``may_retry``: asking again may help, and does no harm.
    """

    def __init__(self, sentence: str, *, may_retry: bool = False) -> None:
        super().__init__(sentence)
        self.may_retry = may_retry


class MotorheadChatMessageHistory(BaseChatMessageHistory):
    """The messages of one session.

    ``session_id``: any text. ``url``: where the memory server is. ``token``: its bearer token, if it wants one.
    ``namespace``: where the session is listed. ``context_as``: how the running summary is put before the messages;
    ``{context}`` stands for it, and None leaves it out. A write is repeated when its answer is lost, under an
    idempotency key: this project's server writes it once (the original Motörhead may write it twice).

    Without ``history_messages_key``, ``RunnableWithMessageHistory`` reads again after the model, only to cut as many
    messages off its input as there are now. A fold or another writer makes that number wrong, so that read finds
    nothing, nothing is cut, and what the chain read before the model is left out of the append by its marks.

    A connection is kept for one request and no longer, so a history may be made for one call and forgotten.
    """

    def __init__(
        self,
        session_id: str,
        url: str = "http://localhost:8080",
        *,
        token: str | None = None,
        namespace: str | None = None,
        context_as: str | None = "What was said before, in short: {context}",
        timeout: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._session_id = session_id
        self._path = f"/sessions/{_quoted(session_id)}/memory"
        self._query = {"namespace": namespace} if namespace is not None else None
        self._context_as = context_as
        self._transport = transport
        self._options: dict[str, Any] = {
            "base_url": url,
            "headers": {"Authorization": f"Bearer {token}"} if token else {},
            "timeout": timeout,
            "trust_env": urlsplit(url).hostname not in LOOPBACK,
            "limits": httpx.Limits(max_keepalive_connections=0),
        }
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def aget_messages(self) -> list[BaseMessage]:
        """The summary, if there is one, and the messages of the window, oldest first."""
        if _asked_by(SAVING):
            return []
        chain = _asked_by(ENTERING)
        return self._told_to(chain, await self._ask("GET"))

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Append ``messages``, all in one request. MotorheadError: nothing may be taken for remembered."""
        if messages := self._unread(messages) if _asked_by(SAVING) else messages:
            await self._ask("POST", _body(messages), str(uuid.uuid4()))

    async def aclear(self) -> None:
        """Remove the session with its summary."""
        await self._ask("DELETE")

    async def aclose(self) -> None:
        """Close the connections. The history can be used again afterwards."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]
        """As ``aget_messages``."""
        if _asked_by(SAVING):
            return []
        return self._told_to(_asked_by(ENTERING), self._ask_sync("GET"))

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """As ``aadd_messages``."""
        if messages := self._unread(messages) if _asked_by(SAVING) else messages:
            self._ask_sync("POST", _body(messages), str(uuid.uuid4()))

    def clear(self) -> None:
        """As ``aclear``."""
        self._ask_sync("DELETE")

    async def _ask(self, method: str, body: object = None, key: str = "") -> dict[str, Any]:
        for pause in PAUSES:
            try:
                return await self._ask_once(method, body, key)
            except MotorheadError as error:
                if not error.may_retry:
                    raise
            await asyncio.sleep(pause)
        return await self._ask_once(method, body, key)

    async def _ask_once(self, method: str, body: object, key: str) -> dict[str, Any]:
        with _translated():
            return _answer(await self._async_client().request(method, **self._request(body, key)))

    def _ask_sync(self, method: str, body: object = None, key: str = "") -> dict[str, Any]:
        with httpx.Client(**self._options) as client:
            for pause in PAUSES:
                try:
                    return self._ask_once_sync(client, method, body, key)
                except MotorheadError as error:
                    if not error.may_retry:
                        raise
                time.sleep(pause)
            return self._ask_once_sync(client, method, body, key)

    def _ask_once_sync(self, client: httpx.Client, method: str, body: object, key: str) -> dict[str, Any]:
        with _translated():
            return _answer(client.request(method, **self._request(body, key)))

    def _async_client(self) -> httpx.AsyncClient:
        """The client of the running event loop: its connections are of no use to another."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = httpx.AsyncClient(**self._options, transport=self._transport), loop
        return self._client

    def _request(self, body: object, key: str) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        return {"url": self._path, "params": self._query, "headers": headers, "json": body}

    def _messages(self, memory: dict[str, Any]) -> list[BaseMessage]:
        context = memory.get("context")
        told: list[BaseMessage] = []
        if self._context_as is not None and context and context != "NONE":
            told.append(SystemMessage(self._context_as.replace("{context}", context)))
        told += [_message(row) for row in reversed(memory.get("messages", []))]
        return told

    def _told_to(self, chain: RunnableWithMessageHistory | None, memory: dict[str, Any]) -> list[BaseMessage]:
        """The messages, with marks for a chain that will put them before its input."""
        messages = self._messages(memory)
        if chain is not None and not chain.history_messages_key:
            for one, mark in zip(messages, self._marks(str(uuid.uuid4()), len(messages)), strict=True):
                one.response_metadata[READ_FROM] = mark
        return messages

    def _marks(self, read: str, count: int) -> list[dict[str, Any]]:
        return [{"session": self._session_id, "read": read, "place": place, "of": count} for place in range(count)]

    def _unread(self, messages: Sequence[BaseMessage]) -> Sequence[BaseMessage]:
        """Those after what the chain read, which is whole and stands first: a message may come again as a new one."""
        marks = [one.response_metadata.get(READ_FROM) for one in messages]
        first = marks[0] if marks else None
        if not first or marks[: first["of"]] != self._marks(first["read"], first["of"]):
            return messages
        return messages[first["of"] :]


def _quoted(session_id: str) -> str:
    quoted = quote(session_id, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")  # "." and ".." are steps in a path


def _asked_by(methods: set[str]) -> RunnableWithMessageHistory | None:
    """The chain, if the caller's caller is one of these methods of ``RunnableWithMessageHistory``.

    Nothing else tells its reads from others: one history may serve many runs at once, and a run may fail.
    """
    frame = inspect.currentframe()
    for _ in range(2):
        frame = frame.f_back if frame is not None else None
    if frame is None or frame.f_globals.get("__name__") != RunnableWithMessageHistory.__module__:
        return None
    chain = frame.f_locals.get("self") if frame.f_code.co_name in methods else None
    return chain if isinstance(chain, RunnableWithMessageHistory) else None


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of httpx as ours."""
    try:
        yield
    except httpx.TransportError as error:
        raise MotorheadError("The memory server cannot be reached.", may_retry=True) from error
    except httpx.InvalidURL as error:
        raise MotorheadError("The memory server's address is not a URL.") from error


def _answer(response: httpx.Response) -> dict[str, Any]:
    """The answer's JSON, without the envelope that the hosted service put around it."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.is_success and isinstance(answer, dict):
        enclosed = answer.get("data", answer)
        return enclosed if isinstance(enclosed, dict) else answer
    said = answer.get("error") if isinstance(answer, dict) else None
    raise MotorheadError(
        f"The memory server answered {response.status_code}: {said or response.reason_phrase}",
        may_retry=response.status_code in WORTH_ANOTHER_TRY,
    )


def _body(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """What is posted: the user is Human, the model AI, anybody else goes by the name LangChain gives the type."""
    return {"messages": [{"role": _role(one), "content": str(one.text)} for one in messages]}


def _role(message: BaseMessage) -> str:
    whole = message_chunk_to_message(message) if isinstance(message, BaseMessageChunk) else message  # of a stream
    return {"human": "Human", "ai": "AI"}.get(whole.type, whole.type)


def _message(row: dict[str, Any]) -> BaseMessage:
    """A message of the wire; as LangChain's older client has it, whoever is not the model is the user."""
    kind = KINDS.get(row["role"], HumanMessage)
    return kind(row["content"], id=row.get("id"))
