"""The Motörhead client of `chat`, over httpx.

It works with our own memory server, the original and the hosted one. Reads are retried briefly, appends for as long
as `patience` allows. The turn's id is an append's idempotency key; on a server without such keys (the original) the
newest messages are read back before an append is repeated.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from chat.domain.exceptions import (
    MemoryRefused,
    MemoryServerError,
    MemoryUnreachable,
    SessionGone,
    TurnConflict,
)
from chat.domain.hosts import is_loopback
from chat.domain.messages import Memory, Message, MessagePage, SessionListing, SummaryVersion
from chat.domain.session_ids import Session
from chat.memory import wire
from chat.memory.transport import AiohttpTransport

T = TypeVar("T")

READ_PAUSES = (0.1, 0.4)


class MemoryClient:
    """A client with a connection pool, one for each process. It belongs to the loop that first uses it.

    ``timeout`` limits a request, ``patience`` all attempts at one append (both in seconds). ``window_size`` is shown to
    users if the server does not report its own. Every method raises `MemoryServerError`. Cancelling a read is
    harmless; a cancelled append may have been made, and repeating it with the same turn id is safe.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 5,
        patience: float = 15,
        window_size: int = 12,
        token: str = "",
        api_key: str = "",
        client_id: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.patience = patience
        self.window_size = window_size
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=_credentials(token, api_key, client_id),
            timeout=httpx.Timeout(timeout, connect=min(timeout, 2)),
            transport=transport or AiohttpTransport(trust_env=not is_loopback(httpx.URL(url).host)),
        )

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def get_memory(self, memory_id: str) -> Memory:
        """The session's window and summary. An unknown session is an empty one."""
        return self._memory(await self._read(f"{_path(memory_id)}/memory"))

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        """The same, or None if nothing has changed since the memory with this ``etag``."""
        headers = {"If-None-Match": etag} if etag else {}
        response = await self._read(f"{_path(memory_id)}/memory", headers=headers)
        return None if response.status_code == httpx.codes.NOT_MODIFIED else self._memory(response)

    async def append_messages(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        turn_id: str,
        epoch: str | None = None,
        again: bool = False,
    ) -> None:
        """Append all of ``messages``, once for each ``turn_id`` however often it is called.

        ``again``: the append may have been made before. Raises `TurnConflict`: the turn id belongs to other messages;
        `SessionGone`: the session with this ``epoch`` was deleted.
        """
        body = wire.encode_messages(list(messages))
        headers = {"Content-Type": "application/json", "Idempotency-Key": turn_id}
        if epoch:
            headers["Session-Epoch"] = epoch
        async for last in _attempts(self.patience):
            try:
                if again and await self._was_appended(session, messages):
                    return
                await self._send(
                    "POST",
                    f"{_path(session.memory_id)}/memory",
                    params=_in(session),
                    content=body,
                    headers=headers,
                )
            except MemoryUnreachable:
                if last:
                    raise
                again = True
            else:
                return

    async def delete_memory(self, session: Session) -> None:
        """Delete everything of the session. Deleting an unknown one is not an error."""
        for pause in (*READ_PAUSES, None):
            try:
                await self._send("DELETE", f"{_path(session.memory_id)}/memory", params=_in(session))
            except MemoryUnreachable:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        """A page of the sessions in ``namespace`` (None: those without one). The original lists ids, oldest first."""
        params: dict[str, Any] = {"page": page, "size": size, "details": "true", "order": "newest"}
        params |= {"namespace": namespace} if namespace is not None else {}
        response = await self._read("/sessions", params=params)
        listed = _decoded(response, list[wire.WireSession | str])
        return [SessionListing(item) if isinstance(item, str) else item.listing() for item in listed]

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        """Up to ``limit`` (at most 200) of all messages, before the message ``before`` (None: the newest)."""
        params = {"limit": str(limit)} | ({"before": before} if before else {})
        response = await self._read(f"{_path(memory_id)}/messages", params=params)
        return _decoded(response, wire.WireMessages).page()

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        """Up to 10 messages of the session that are close to ``text`` in meaning, closest first.

        Raises `MemoryRefused`: the server has no long-term memory.
        """
        body = msgspec.json.encode({"text": text})
        headers = {"Content-Type": "application/json"}
        response = await self._send("POST", f"{_path(memory_id)}/retrieval", content=body, headers=headers)
        return [Message(found.role, found.content) for found in _decoded(response, list[wire.WireRecalled])]

    async def list_summaries(self, memory_id: str) -> list[SummaryVersion]:
        """The versions of the summary, newest first."""
        response = await self._read(f"{_path(memory_id)}/summaries")
        return [version.summary() for version in _decoded(response, wire.WireSummaries).summaries]

    async def list_namespaces(self) -> list[str]:
        """The namespaces that hold sessions."""
        return _decoded(await self._read("/namespaces"), list[str])

    async def fold(self, memory_id: str) -> Memory:
        """Summarise the older half of the window now, and return the memory after it."""
        return self._memory(await self._send("POST", f"{_path(memory_id)}/fold", timeout=60))

    # --- one request ------------------------------------------------------------------------------------------

    async def _read(self, path: str, **options: Any) -> httpx.Response:
        for pause in READ_PAUSES:
            try:
                return await self._send("GET", path, **options)
            except MemoryUnreachable:
                await asyncio.sleep(pause)
        return await self._send("GET", path, **options)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        with _translated():
            response = await self._http.request(method, path, **options)
        if not (response.is_success or response.status_code == httpx.codes.NOT_MODIFIED):
            raise _refusal(response)
        return response

    async def _was_appended(self, session: Session, messages: Sequence[Message]) -> bool:
        """Whether a lost append had reached the original. Always False for our own server, which knows the turn's id.

        Raises `MemoryUnreachable`: the memory could not be read back.
        """
        memory = self._memory(await self._send("GET", f"{_path(session.memory_id)}/memory"))
        if memory.etag is not None:
            return False
        newest = memory.messages[-len(messages) :]
        return [(m.role, m.content) for m in newest] == [(m.role, m.content) for m in messages]

    def _memory(self, response: httpx.Response) -> Memory:
        return _decoded(response, wire.WireMemory).memory(response.headers, self.window_size)


async def _attempts(patience: float) -> AsyncIterator[bool]:
    """Attempts over ``patience`` seconds, at growing intervals with jitter. True: this is the last one."""
    deadline, pause = time.monotonic() + patience, 0.1
    while time.monotonic() + pause < deadline:
        yield False
        await asyncio.sleep(pause * random.uniform(0.7, 1.3))
        pause = min(pause * 2, 2)
    yield True


@contextmanager
def _translated() -> Iterator[None]:
    """Turn httpx's errors into ours."""
    try:
        yield
    except httpx.HTTPError as error:
        raise MemoryUnreachable from error


def _refusal(response: httpx.Response) -> MemoryServerError:
    status = response.status_code
    if status == httpx.codes.PRECONDITION_FAILED:
        return SessionGone()
    if status == httpx.codes.CONFLICT:
        return TurnConflict()
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        return MemoryUnreachable()
    return MemoryRefused(status, wire.error_of(response.content))


def _decoded(response: httpx.Response, kind: type[T]) -> T:
    try:
        decoded: T = wire.decode(response.content, kind)
    except msgspec.DecodeError as error:
        raise MemoryRefused(response.status_code, reason="foreign") from error
    return decoded


def _credentials(token: str, api_key: str, client_id: str) -> Mapping[str, str]:
    headers = {
        "Authorization": f"Bearer {token}" if token else "",
        "x-metal-api-key": api_key,
        "x-metal-client-id": client_id,
    }
    return {name: value for name, value in headers.items() if value}


def _path(memory_id: str) -> str:
    quoted = quote(memory_id, safe="")
    if not quoted.strip("."):  # "." and ".." have a meaning of their own in a path
        quoted = quoted.replace(".", "%2E")
    return f"/sessions/{quoted}"


def _in(session: Session) -> dict[str, str]:
    return {"namespace": session.namespace} if session.namespace else {}
