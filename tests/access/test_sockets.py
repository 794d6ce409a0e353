"""Every frame of every websocket, with each credential."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, get_args
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from chat.api.ag_ui import inputs
from chat.api.ai_sdk import frames
from chat.api.subprotocols import CODECS
from chat.grants.scopes import Scope
from chat.page.commands import Command
from tests.access.people import SECRET, People
from tests.chat.api.v1.callers import Caller
from tests.support.access_tables import rows_of
from tests.support.servers import PATIENCE

CREDENTIALS = (
    *("none", "foreign", "cookie", "other cookie", "token", "other token", "ticket", "staff"),
    *(scope.value for scope in Scope),
)
SOON = 15 * PATIENCE
#: The frames that are the last of an answer.
LAST = ("end", "error", "no-active", "RUN_FINISHED", "RUN_ERROR", "CUSTOM")


def frames_of() -> Iterator[str]:
    """Every kind of frame, with its socket."""
    for command in get_args(Command):
        yield f"page {command.__struct_config__.tag}"
    for frame in get_args(frames.ClientFrame):
        yield f"ai-sdk.v1 {frame.__struct_config__.tag}"
    yield "ai-sdk.v1 watch"
    yield from (f"ag-ui.v1 {use}" for use in ("run", "past", "watch", "offset"))
    yield f"ag-ui.v1 {inputs.Abort.__name__.lower()}"
    assert set(CODECS) == {"ai-sdk.v1", "ag-ui.v1"}, "Another subprotocol has frames of its own."


def frame_for(row: str, name: str) -> dict[str, Any] | None:
    """A frame of this kind; ``name`` is that of its turn or request."""
    hi = {"id": uuid4().hex, "role": "user", "content": "hi", "parts": [{"type": "text", "text": "hi"}]}
    run = {"threadId": "trip", "runId": name, "messages": []}
    match row.split(" "):
        case ["page", "send"]:
            return {"body": {"type": "send", "text": " ", "turn": name}}  # begins no turn that would go on
        case ["page", kind]:
            return {"body": {"type": kind, "turn": name, "signed": "x"}}
        case ["ai-sdk.v1", "send"]:
            return {"type": "send", "requestId": name, "id": "trip", "messages": [hi]}
        case ["ai-sdk.v1", "watch"]:
            return {"type": "resume", "requestId": name, "id": "trip", "body": {"watch": "memory"}}
        case ["ai-sdk.v1", kind]:
            return {"type": kind, "requestId": name, "id": "trip"}
        case [_, "run"]:
            return run | {"messages": [hi]}
        case [_, "past"]:
            return run
        case [_, "watch"]:
            return run | {"forwardedProps": {"watch": "memory"}}
        case [_, "abort"]:
            return {"type": "abort", "runId": name}
    return None


def offered(people: People, tokens: dict[str, str], credential: str) -> tuple[list[str], str, dict[str, str]]:
    """The subprotocols, the query and the headers of a handshake with a credential."""
    match credential:
        case "token":
            return [_bearer(people.owner)], "", {}
        case "other token":
            return [_bearer(people.stranger)], "", {}
        case "ticket":
            return [], f"ticket={people.owner.post('/ticket').json()['ticket']}", {}
        case "foreign" | "cookie" | "other cookie" | "staff" | "none":
            known = people.headers_of("foreign page" if credential == "foreign" else credential)
            headers = {"Origin": known.get("Origin", people.site.url), "Cookie": known.get("Cookie", "")}
            return [], "", headers
    return [f"bearer.{tokens[credential]}"], "", {}


def _bearer(caller: Caller) -> str:
    return "bearer." + caller.headers["Authorization"].removeprefix("Bearer ")


@asynccontextmanager
async def opened(people: People, tokens: dict[str, str], credential: str, row: str) -> AsyncIterator[ClientConnection]:
    """A socket for frames of this kind."""
    kind, use = row.split(" ")
    bearer, query, headers = offered(people, tokens, credential)
    protocols = [Subprotocol(each) for each in (bearer if kind == "page" else [kind, *bearer])]
    address = "/ws/session/trip" if kind == "page" else "/ws/v1/chat"
    query += "&runId=r&offset=-1&threadId=trip" if use == "offset" else ""
    url = f"{people.site.url.replace('http', 'ws', 1)}{address}?{query.strip('&')}"
    options: dict[str, Any] = {"additional_headers": headers, "proxy": None, "close_timeout": 1, "max_size": None}
    async with connect(url, subprotocols=protocols or None, open_timeout=SOON, **options) as connection:
        yield connection


async def shown(connection: ClientConnection, row: str) -> tuple[bool, str]:
    """Whether a frame of this kind is refused, and everything that is said until its answer is over."""
    said, frame = "", frame_for(row, f"t-{uuid4().hex}")
    try:
        async with asyncio.timeout(SOON):
            if frame is not None:
                await connection.send(json.dumps(frame))
            if row.startswith("page "):
                await connection.send(json.dumps({"body": {"type": "ping"}}))
            async for heard in connection:
                said += str(heard)
                if _is_over(row, str(heard)):
                    break
    except ConnectionClosed:
        pass
    closed = connection.close_code in {4401, 4403, 4409}
    return closed or '"access_denied"' in said or "This token is not for that" in said, said


def _is_over(row: str, heard: str) -> bool:
    if row.startswith("page "):
        return '"pong"' in heard
    event = json.loads(heard)
    event = event.get("chunk", event) if "requestId" not in event else event
    watched = "watch" in row and ("data-memory" in heard or "STATE_SNAPSHOT" in heard)
    return event["type"] in LAST or watched


def rows() -> dict[str, list[str]]:
    """The cells of each frame in docs/security.md."""
    return rows_of("frame", CREDENTIALS)


def test_the_table_has_a_row_for_every_frame():
    """And for no other."""
    assert sorted(rows()) == sorted(frames_of())


@pytest.mark.parametrize("row", rows())
async def test_a_frame_does_what_the_table_says(people: People, tokens: dict[str, str], row: str):
    """With each credential, and no more: nothing of somebody else's is shown or changed."""
    await asyncio.to_thread(people.reset)
    before = people.state()
    for credential, allowed in zip(CREDENTIALS, rows()[row], strict=True):
        async with opened(people, tokens, credential, row) as connection:
            refused, said = await shown(connection, row)
        found = f"{row} with {credential}: {connection.close_code} {said[-500:]}"
        assert refused == (allowed == "no"), found
        if allowed == "yes":
            await asyncio.to_thread(people.reset)
            before = people.state()
        else:
            assert SECRET not in said or (row.startswith("page ") and credential == Scope.READ), found
            assert people.state() == before, found
