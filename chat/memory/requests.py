"""Requests to a Motörhead server, and what its refusals mean."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from chat.domain.exceptions import (
    MemoryBusy,
    MemoryRefused,
    MemoryServerError,
    MemoryUnreachable,
    MessageFolded,
    MessagesRemoved,
    SessionExists,
    SessionGone,
    SummaryChanged,
    TurnConflict,
    UnknownMessage,
)
from chat.domain.hosts import is_loopback
from chat.domain.session_ids import Session
from chat.memory import wire
from chat.memory.transport import AiohttpTransport

T = TypeVar("T")

READ_PAUSES = (0.1, 0.4)

#: What a refusal means, by its code.
MEANINGS: Mapping[str, type[MemoryServerError]] = {
    "busy": MemoryBusy,
    "changed": SummaryChanged,
    "conflict": TurnConflict,
    "exists": SessionExists,
    "folded": MessageFolded,
    "gone": SessionGone,
    "no_such_message": UnknownMessage,
    "removed": MessagesRemoved,
}


#: The codes with which the server says what is full.
FULL = frozenset({"disk_full", "store_full"})


class Requests:
    """Sends requests over a connection pool. ``timeout`` limits each of them, in seconds.

    ``disk_is_full``: whether that explains an outage. ``on_answer`` is called with the `call_of` each request, the
    seconds that it took, and its error's code ("": it succeeded).
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        token: str,
        api_key: str,
        client_id: str,
        transport: httpx.AsyncBaseTransport | None,
        disk_is_full: Callable[[], bool],
        on_answer: Callable[[str, float, str], None],
    ) -> None:
        self._disk_is_full = disk_is_full
        self._on_answer = on_answer
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=_credentials(token, api_key, client_id),
            timeout=httpx.Timeout(timeout, connect=min(timeout, 2)),
            transport=transport or AiohttpTransport(trust_env=not is_loopback(httpx.URL(url).host)),
        )

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def read(self, path: str, **options: Any) -> httpx.Response:
        """The answer to a GET, which is repeated briefly while the server is away. Raises `MemoryServerError`."""
        for pause in READ_PAUSES:
            try:
                return await self.send("GET", path, **options)
            except MemoryUnreachable:
                await asyncio.sleep(pause)
        return await self.send("GET", path, **options)

    async def ready(self) -> bool:
        """Whether our server has its Redis and takes the token; False: another server, which has no such calls.

        Raises `MemoryServerError`: it is away, has no Redis, or refuses the token.
        """
        try:
            decoded(await self.send("GET", "/readyz"), wire.WireHealth)
        except MemoryRefused:
            return False
        await self.send("GET", "/keys/current")
        return True

    async def send(self, method: str, path: str, *, json: Any = None, **options: Any) -> httpx.Response:
        """The answer to one request. ``json``: its body, before encoding. Raises `MemoryServerError`."""
        if json is not None:
            headers = {"Content-Type": "application/json", **options.pop("headers", {})}
            options |= {"content": msgspec.json.encode(json), "headers": headers}
        since, code = time.monotonic(), ""
        try:
            return await self._answer(method, path, options)
        except MemoryServerError as error:
            code = error.code
            raise
        finally:
            self._on_answer(call_of(method, path), time.monotonic() - since, code)

    async def _answer(self, method: str, path: str, options: Mapping[str, Any]) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise MemoryUnreachable(reason=self._reason()) from error
        if not (response.is_success or response.status_code == httpx.codes.NOT_MODIFIED):
            raise refusal(response, self._reason())
        return response

    def _reason(self) -> str:
        return "disk_full" if self._disk_is_full() else ""


def refusal(response: httpx.Response, reason: str = "") -> MemoryServerError:
    """The error that an unsuccessful response stands for. ``reason``: that of an outage, if the answer names none."""
    status, refused = response.status_code, wire.refusal_of(response.content)
    if meaning := MEANINGS.get(refused.code or ""):
        return meaning()
    if status == httpx.codes.PRECONDITION_FAILED:
        return SessionGone()
    if status == httpx.codes.CONFLICT:
        return TurnConflict()
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
        return MemoryUnreachable(refused.error, refused.code if refused.code in FULL else reason)
    return MemoryRefused(status, refused.error)


def decoded(response: httpx.Response, kind: type[T]) -> T:
    """The body as ``kind``. Raises `MemoryRefused`: it is something else, so no Motörhead server has sent it."""
    try:
        found: T = wire.decode(response.content, kind)
    except msgspec.DecodeError as error:
        raise MemoryRefused(response.status_code, reason="foreign") from error
    return found


def unheard(call: str, seconds: float, code: str) -> None:
    """Nobody wants to know how long requests take."""


def call_of(method: str, path: str) -> str:
    """The name of a call, without a session's id: ``GET memory``, ``GET search``, ``PATCH session``."""
    parts = path.split("/", 4)  # "", "sessions", the id, what of the session
    named = parts[1] if len(parts) == 2 else parts[3] if len(parts) > 3 else "session"
    return f"{method} {named}"


def path_of(memory_id: str) -> str:
    """The path of a session."""
    quoted = quote(memory_id, safe="")
    if not quoted.strip("."):  # "." and ".." have a meaning of their own in a path
        quoted = quoted.replace(".", "%2E")
    return f"/sessions/{quoted}"


def in_namespace(session: Session) -> dict[str, str]:
    """The parameter that names the session's namespace, if it has one."""
    return {"namespace": session.namespace} if session.namespace else {}


def _credentials(token: str, api_key: str, client_id: str) -> Mapping[str, str]:
    headers = {
        "Authorization": f"Bearer {token}" if token else "",
        "x-metal-api-key": api_key,
        "x-metal-client-id": client_id,
    }
    return {name: value for name, value in headers.items() if value}


async def attempts(patience: float) -> AsyncGenerator[bool]:
    """Attempts over ``patience`` seconds, at growing intervals with jitter. True: this is the last one."""
    deadline, pause = time.monotonic() + patience, 0.1
    while time.monotonic() + pause < deadline:
        yield False
        await asyncio.sleep(pause * random.uniform(0.7, 1.3))
        pause = min(pause * 2, 2)
    yield True
