"""A chat history for ``RunnableWithMessageHistory`` and everything else that takes a ``BaseChatMessageHistory``.

    history = MotorheadChatMessageHistory("bob", "http://localhost:8080")
    await history.aadd_messages([HumanMessage("hi im bob"), AIMessage("Hi Bob")])
    await history.aget_messages()   # the summary as a system message, then the window, oldest first

The async methods come first. LangChain's base class requires the sync ones, which use a client of their own.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import BaseMessage, SystemMessage

from langchain_motorhead.chains import ReadByChain, runs_in_chain, without_read
from langchain_motorhead.messages import messages_of, rows_of

#: Seconds between attempts. Every request here is safe to repeat.
PAUSES = (0.2, 1.0)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WORTH_ANOTHER_TRY = {502, 503, 504}


class MotorheadError(Exception):
    """The memory server did not do what was asked; the message is a sentence that says why.

    ``may_retry``: retrying may help, and does no harm.
    """

    def __init__(self, sentence: str, *, may_retry: bool = False) -> None:
        super().__init__(sentence)
        self.may_retry = may_retry


class MotorheadChatMessageHistory(BaseChatMessageHistory):
    """The messages of one session.

    ``session_id``: any text. ``url``: the memory server's address. ``token``: its bearer token, if it requires one.
    ``namespace``: the namespace that lists the session. ``context_as``: the template of the system message with the
    running summary in place of ``{context}``; None omits the summary. A write whose answer is lost is repeated under an
    idempotency key: this project's server writes it once, but the original Motörhead may write it twice.

    Tool calls and their results are left out, and a picture becomes ``[image]``: the protocol has only texts of roles.

    A connection lasts for one request, so a history can be made for a single call and needs no closing.
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
        return self._read(await self._ask("GET"))

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Append ``messages`` in one request. Raises `MotorheadError`: assume that none of them is remembered."""
        if rows := self._new_rows(messages):
            await self._ask("POST", {"messages": rows}, str(uuid.uuid4()))

    async def aclear(self) -> None:
        """Delete the session and its summary."""
        await self._ask("DELETE")

    async def aclose(self) -> None:
        """Close the connections. The history can be used again afterwards."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]
        """Like ``aget_messages``."""
        return self._read(self._ask_sync("GET"))

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Like ``aadd_messages``."""
        if rows := self._new_rows(messages):
            self._ask_sync("POST", {"messages": rows}, str(uuid.uuid4()))

    def clear(self) -> None:
        """Like ``aclear``."""
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
        """The client of the running event loop; another loop cannot use its connections."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = httpx.AsyncClient(**self._options, transport=self._transport), loop
        return self._client

    def _request(self, body: object, key: str) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        return {"url": self._path, "params": self._query, "headers": headers, "json": body}

    def _read(self, memory: dict[str, Any]) -> list[BaseMessage]:
        context = memory.get("context")
        found: list[BaseMessage] = []
        if self._context_as is not None and context and context != "NONE":
            found.append(SystemMessage(self._context_as.replace("{context}", context)))
        found += messages_of(reversed(memory.get("messages", [])))
        return ReadByChain(found) if runs_in_chain(self) else found

    def _new_rows(self, messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
        return rows_of(without_read(messages) if runs_in_chain(self) else messages)


def _quoted(session_id: str) -> str:
    quoted = quote(session_id, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")  # "." and ".." would change the path


@contextmanager
def _translated() -> Iterator[None]:
    """Turn httpx's errors into `MotorheadError`."""
    try:
        yield
    except httpx.TransportError as error:
        raise MotorheadError("The memory server cannot be reached.", may_retry=True) from error
    except httpx.InvalidURL as error:
        raise MotorheadError("The memory server's address is not a URL.") from error


def _answer(response: httpx.Response) -> dict[str, Any]:
    """The answer's JSON, without the envelope that the hosted service adds."""
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
