"""The doors through which people talk to a site: the websocket, and AG-UI's server-sent events over HTTP.

Each survives lost connections as its protocol's clients do, and shows the text as they would.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from chat_client import ChatClient, ChatError, Restarted, TextDelta, TurnFailed, TurnFinished
from tests.support.servers import PATIENCE

#: Seconds between the tries of a person who is refused for now.
REST = 0.3
#: Seconds for which a client tries to reach the site.
WAIT = 90 * PATIENCE


@dataclass(frozen=True)
class Said:
    """How a turn ended: the reply as the client shows it, and whether it is remembered."""

    reply: str
    remembered: bool


class Door(Protocol):
    """A way to talk."""

    async def say(self, session: str, text: str, turn_id: str) -> Said:
        """Say ``text`` until it gets an answer. Raises `TurnFailed`: there will be none."""


class Websocket:
    """The websocket, through `chat_client`."""

    def __init__(self, chat: ChatClient) -> None:
        self._chat = chat

    async def say(self, session: str, text: str, turn_id: str) -> Said:
        """See Door."""
        while True:
            shown, finished = "", None
            try:
                async for event in self._chat.send(session, text, turn_id=turn_id):
                    match event:
                        case Restarted():
                            shown = ""
                        case TextDelta(piece):
                            shown += piece
                        case TurnFinished():
                            finished = event
            except TurnFailed:
                raise
            except ChatError as error:
                if not error.retryable and error.code != "turn_in_progress":
                    raise
                await asyncio.sleep(REST)
            else:
                assert finished is not None
                assert finished.reply == shown
                return Said(shown, finished.remembered)


class OverHttp:
    """AG-UI over HTTP: a run is posted again under its id until its stream has come to its end."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        timeout = httpx.Timeout(30 * PATIENCE, connect=5 * PATIENCE)
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, trust_env=False)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def say(self, session: str, text: str, turn_id: str) -> Said:
        """See Door."""
        body = {
            "threadId": session, "runId": turn_id, "state": {}, "tools": [], "context": [], "forwardedProps": {},
            "messages": [{"id": f"{turn_id}-as-sent", "role": "user", "content": text}],
        }  # fmt: skip
        async with asyncio.timeout(WAIT):
            while True:
                try:
                    if (said := await self._run(body)) is not None:
                        return said
                except (httpx.TransportError, ConnectionError):
                    pass
                await asyncio.sleep(REST)

    async def _run(self, body: dict[str, Any]) -> Said | None:
        """How the run ended; None if its stream did not come to its end. Raises `TurnFailed`."""
        shown: dict[str, str] = {}
        async with self._http.stream("POST", "/api/ag-ui", json=body) as answer:
            if not answer.is_success:
                await answer.aread()
                _refused(answer)
                return None
            async for event in _events(answer):
                match event:
                    case {"type": "TEXT_MESSAGE_START", "messageId": message}:
                        shown[message] = ""
                    case {"type": "TEXT_MESSAGE_CONTENT", "messageId": message, "delta": piece}:
                        shown[message] += piece
                    case {"type": "MESSAGES_SNAPSHOT", "messages": messages}:
                        shown = {each["id"]: each["content"] for each in messages}
                    case {"type": "RUN_FINISHED", "result": result}:
                        return Said(shown[f"{body['runId']}.reply"], result["remembered"])
                    case {"type": "RUN_ERROR", "code": code, "message": sentence}:
                        _error(code, sentence)
                        return None
        return None


def _refused(answer: httpx.Response) -> None:
    """Return if the site, or the proxy before it, may answer later. Raises `TurnFailed`."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {"code": "proxy", "detail": answer.text, "retryable": True}
    if not problem["retryable"] and problem["code"] != "turn_in_progress":
        raise TurnFailed(problem["code"], problem["detail"])


def _error(code: str, sentence: str) -> None:
    """Return if only the stream has ended. Raises `TurnFailed`: the turn has."""
    if code not in {"run_log_unreachable", "turn_in_progress"}:
        raise TurnFailed(code, sentence)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@asynccontextmanager
async def websocket(url: str, token: str) -> AsyncIterator[Websocket]:
    """The websocket of the site at ``url``."""
    async with ChatClient(url, token, patience=WAIT) as chat:
        yield Websocket(chat)


@asynccontextmanager
async def over_http(url: str, token: str) -> AsyncIterator[OverHttp]:
    """The HTTP door of the site at ``url``."""
    door = OverHttp(url, token)
    try:
        yield door
    finally:
        await door.aclose()
