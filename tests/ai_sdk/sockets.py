"""A raw client of ``/ws/v1/chat``: the test decides what it sends, and sees everything that it receives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from django.test import override_settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.web.tokens import issue_token
from tests.support.cookies import csrf_token, owner_of
from tests.support.servers import PATIENCE, Site

Frame = dict[str, Any]

#: Seconds that a test waits for one frame.
SOON = 15 * PATIENCE


def user_message(text: str, **fields: Any) -> Frame:
    """A UI message of the user, with a random id unless one is given."""
    return {"id": uuid4().hex[:16], "role": "user", "parts": [{"type": "text", "text": text}], **fields}


def send_frame(request_id: str, session: str, *messages: Frame, **fields: Any) -> Frame:
    """The frame that the AI SDK sends for a new message."""
    frame = {"type": "send", "requestId": request_id, "id": session, "trigger": "submit-message"}
    return {**frame, "messages": list(messages), "headers": {}, "body": {}, **fields}


def resume_frame(request_id: str, session: str, **body: Any) -> Frame:
    """The frame with which the AI SDK asks for what is being answered in ``session``."""
    return {"type": "resume", "requestId": request_id, "id": session, "headers": {}, "body": body}


@dataclass
class Answer:
    """The frames of one request, up to the one that ends it."""

    frames: list[Frame] = field(default_factory=list)

    @property
    def chunks(self) -> list[Frame]:
        """The chunks, after a check of their sequence."""
        chunks = [frame for frame in self.frames if frame["type"] == "chunk"]
        assert [frame["sequence"] for frame in chunks] == list(range(len(chunks)))
        return [frame["chunk"] for frame in chunks]

    @property
    def kinds(self) -> list[str]:
        """The types of the chunks; adjacent chunks of the same type count once."""
        kinds = [chunk["type"] for chunk in self.chunks]
        return [kind for place, kind in enumerate(kinds) if not place or kinds[place - 1] != kind]

    @property
    def text(self) -> str:
        """The answer's text."""
        return "".join(chunk.get("delta", "") for chunk in self.chunks)

    @property
    def memory(self) -> Frame:
        """The memory that the answer is based on."""
        data: Frame = self._chunk("data-memory")["data"]
        return data

    @property
    def question(self) -> Frame:
        """The user's message, in the answer to a resume."""
        data: Frame = self._chunk("data-question")["data"]
        return data

    def chunks_without(self, kind: str) -> list[Frame]:
        """The chunks other than those of type ``kind``."""
        return [chunk for chunk in self.chunks if chunk["type"] != kind]

    @property
    def message_id(self) -> str:
        """The id of the answer's message."""
        return str(self._chunk("start")["messageId"])

    @property
    def turn_id(self) -> str:
        """The turn that the answer belongs to."""
        return str(self._chunk("start")["messageMetadata"]["turnId"])

    @property
    def pid(self) -> int:
        """The process that answers."""
        return int(self._chunk("start")["messageMetadata"]["servedBy"]["pid"])

    @property
    def last(self) -> Frame:
        """The frame that ended the request."""
        return self.frames[-1]

    def _chunk(self, kind: str) -> Frame:
        return next(chunk for chunk in self.chunks if chunk["type"] == kind)


class Socket:
    """A connection to the site that sorts frames by their request."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._seen: dict[str, list[Frame]] = {}

    async def send(self, frame: Frame | str | bytes) -> None:
        """Send a frame as JSON; text and bytes are sent unchanged."""
        await self.connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    async def ask(self, session: str, text: str, **fields: Any) -> Answer:
        """Send ``text`` to ``session`` and wait for the whole answer."""
        request_id = uuid4().hex
        await self.send(send_frame(request_id, session, user_message(text), **fields))
        return await self.answer(request_id)

    async def resume(self, session: str) -> Answer:
        """Resume ``session`` and wait for the whole answer."""
        request_id = uuid4().hex
        await self.send(resume_frame(request_id, session))
        return await self.answer(request_id)

    async def next(self, request_id: str) -> Frame:
        """The next frame of a request. Frames of other requests are kept."""
        async with asyncio.timeout(SOON):
            while not self._seen.get(request_id):
                frame = json.loads(await self.connection.recv())
                self._seen.setdefault(frame["requestId"], []).append(frame)
        return self._seen[request_id].pop(0)

    def waiting(self, request_id: str) -> list[Frame]:
        """The frames of a request that have arrived while others were awaited."""
        return self._seen.get(request_id, [])

    async def answer(self, request_id: str, answer: Answer | None = None) -> Answer:
        """All further frames of a request up to its last one, added to ``answer`` if given."""
        answer = answer or Answer()
        while not answer.frames or answer.last["type"] not in {"end", "error", "no-active"}:
            answer.frames.append(await self.next(request_id))
        return answer

    async def until(self, request_id: str, kind: str) -> Answer:
        """The frames of a request up to the first chunk of type ``kind``."""
        answer = Answer()
        while not answer.frames or answer.last.get("chunk", {}).get("type") != kind:
            answer.frames.append(await self.next(request_id))
            assert answer.last["type"] in {"start", "chunk"}, answer.last
        return answer

    async def complaint(self, frame: Frame | str | bytes, request_id: str = "") -> str:
        """Send an invalid frame and return the error frame."""
        await self.send(frame)
        answer = await self.next(request_id)
        assert answer["type"] == "error", answer
        return str(answer["errorText"])

    async def close_code(self) -> int | None:
        """Read until the server closes the socket, and return its code."""
        async with asyncio.timeout(SOON):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code


@dataclass(frozen=True)
class Visitor:
    """A visitor with a cookie of the site."""

    site: Site
    owner: str
    cookie: str

    def headers(self) -> dict[str, str]:
        """The headers that the visitor's browser sends."""
        return {"Cookie": f"{self.site.cookies.owner}={self.cookie}", "Origin": self.site.url}

    async def sign_out(self, *, everywhere: bool = False) -> None:
        """Sign out on a page of the site."""
        cookies = {self.site.cookies.owner: self.cookie}
        async with httpx.AsyncClient(base_url=self.site.url, cookies=cookies, trust_env=False) as client:
            await client.get("/s/s")
            headers = {"X-CSRFToken": csrf_token(client)}
            answer = await client.post(
                "/visit/end", params={"everywhere": "yes"} if everywhere else {}, headers=headers
            )
            answer.raise_for_status()

    def token(self) -> str:
        """A bearer token for the visitor, signed with the site's key."""
        with override_settings(SECRET_KEY=(self.site.data / "secret_key").read_text()):
            return issue_token(self.owner, timedelta(hours=1))

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[Socket]:
        """A socket of the visitor."""
        async with raw_socket(self.site, headers=self.headers(), **options) as socket:
            yield socket

    @asynccontextmanager
    async def socket_apart(self, pid: int) -> AsyncIterator[Socket]:
        """A socket on another worker than the process ``pid``, which is suspended while the socket is opened."""
        with asleep(pid):
            connecting = self.socket()
            socket = await connecting.__aenter__()
        try:
            yield socket
        finally:
            await connecting.__aexit__(None, None, None)

    async def memory(self, session: str) -> Frame:
        """The visitor's session on the memory server."""
        async with httpx.AsyncClient(base_url=self.site.record()["memory"], trust_env=False) as client:
            found: Frame = (await client.get(f"/sessions/{self.owner}.{session}/memory")).json()
        return found

    async def fold(self, session: str, *, through: str) -> None:
        """Fold the session up to a message."""
        async with httpx.AsyncClient(base_url=self.site.record()["memory"], trust_env=False) as client:
            answer = await client.post(f"/sessions/{self.owner}.{session}/fold", json={"through": through})
            answer.raise_for_status()

    async def remember(self, session: str, context: str) -> None:
        """Give the session a summary, like a fold."""
        body = {"messages": [], "context": context}
        async with httpx.AsyncClient(base_url=self.site.record()["memory"], trust_env=False) as client:
            (await client.post(f"/sessions/{self.owner}.{session}/memory", json=body)).raise_for_status()


@asynccontextmanager
async def raw_socket(site: Site, query: str = "", headers: Any = None, **options: Any) -> AsyncIterator[Socket]:
    """A socket with these headers and no other credentials."""
    url = site.url.replace("http", "ws", 1) + "/ws/v1/chat" + query
    options = {"max_size": None, "proxy": None, "open_timeout": SOON, "close_timeout": 1, **options}
    async with connect(url, additional_headers=headers, **options) as connection:
        yield Socket(connection)


async def visit(site: Site) -> Visitor:
    """A new visitor."""
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        cookie = (await client.get("/favicon.ico")).cookies[site.cookies.owner]
    return Visitor(site, owner_of(cookie), cookie)


@contextmanager
def asleep(pid: int) -> Iterator[None]:
    """Suspend the process ``pid`` inside the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
