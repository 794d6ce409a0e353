"""The calls of ``/api/v1/``: requests, records out of answers, errors out of problem documents."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from chat_client.exceptions import ChatError, NotUnderstood, SummaryChanged, TurnInProgress, Unreachable, error_of
from chat_client.shapes import read

T = TypeVar("T")

#: Seconds between the tries of a call that may be repeated: a worker that was killed is back by the last.
PAUSES = (0.1, 0.5, 2.0)
#: Seconds for an answer. A fold asks a model.
TIMEOUT = httpx.Timeout(30.0, read=120.0)
REPEATABLE = {"GET", "DELETE"}


def path(*parts: str) -> str:
    """The path of a call; a message's id may contain anything."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


class Calls:
    """The calls of the owner of ``token`` to the site at ``url``."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=TIMEOUT)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def read(self, shape: type[T], method: str, address: str, **options: Any) -> T:
        """The answer as a ``shape``. ``options`` are those of httpx. Raises `ChatError`."""
        answer = await self.call(method, address, **options)
        record = read(shape, _json(answer))
        named = {each.name: answer.headers.get(each.metadata["header"], "") for each in fields(record) if each.metadata}  # type: ignore[arg-type] # every shape is a dataclass
        return replace(record, **named) if named else record  # type: ignore[type-var]

    async def call(self, method: str, address: str, **options: Any) -> httpx.Response:
        """The answer. Raises `ChatError`: the site has refused the call, or cannot be reached."""
        options["params"] = {name: value for name, value in options.get("params", {}).items() if value is not None}
        again = method in REPEATABLE or "Idempotency-Key" in options.get("headers", {})
        for pause in PAUSES if again else ():
            try:
                return await self._call(method, address, **options)
            except Unreachable:
                await asyncio.sleep(pause)
        return await self._call(method, address, **options)

    async def _call(self, method: str, address: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._client.request(method, address, **options)
        except httpx.TransportError as error:
            raise Unreachable(f"The site does not answer at {self._client.base_url}: {error!r}") from error
        if answer.is_success:
            return answer
        raise _error(answer)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise NotUnderstood("The site's answer is not JSON.", status=answer.status_code) from None


def _error(answer: httpx.Response) -> ChatError:
    """The error in a problem document; a proxy's page is not one."""
    status = answer.status_code
    try:
        found = answer.json()
        code, sentence, retryable = str(found["code"]), str(found["detail"]), bool(found["retryable"])
    except (ValueError, KeyError, TypeError):
        if status in {502, 503, 504}:
            return Unreachable(f"What stands before the site does not reach it (status {status}).")
        return NotUnderstood(f"The answer with status {status} is not from this API.", status=status)
    wait = answer.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isdigit() else None
    error = error_of(code, sentence, retryable=retryable, retry_after=seconds, status=status)
    if isinstance(error, TurnInProgress):
        error.turn_id = found.get("turn_id") or ""
    elif isinstance(error, SummaryChanged):
        error.current, error.yours = found.get("current"), found.get("yours")
        error.etag = answer.headers.get("ETag", "")
    return error
