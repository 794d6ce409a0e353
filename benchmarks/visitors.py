"""Visitors of a site with the page open, as far as the servers notice: the page is loaded, its websocket talks.

They are as cheap as possible, because they run on the cores of the servers under test.
"""

from __future__ import annotations

import asyncio
import html
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from benchmarks.loopback import RawSocket, open_socket
from tests.support.cookies import owner_of

CONNECT = re.compile(r'hx-ws:connect="([^"]+)"')
#: The first word of the model, with its times (`benchmarks.token_model`).
STAMP = re.compile(rb"@(\d+)@(\d+)@")
QUESTION = "Where did you say the amplifier is, and who put it there? Answer in {words} words."
#: Seconds of silence after which a visible page asks for a sign of life (`static/chat/client/silence.js`).
SILENCE = 4.0
PING = json.dumps({"body": {"type": "ping"}}).encode()
EXCHANGE = [
    {"role": "Human", "content": "Where is the amplifier, and who put it there?"},
    {"role": "AI", "content": "It is behind the drums, where Bob put it after the rehearsal on Tuesday. " * 3},
]


@dataclass
class Seen:
    """What all pages have received. ``added`` and ``asked``: ms, as in `benchmarks.token_load`."""

    frames: int = 0
    received: int = 0
    turns: int = 0
    added: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One visitor, with one session ``s``."""

    def __init__(self, seen: Seen) -> None:
        self.owner = ""
        self._seen = seen
        self._headers: dict[str, str] = {}
        self._path = ""
        self._socket: RawSocket | None = None
        self._loop = asyncio.get_running_loop()
        self._heard = 0.0
        self._sent = 0
        self._waiting = False
        self._plan: Mapping[str, Any] = {}
        #: Whether an answer is under way.
        self.listens = False

    async def visit(self, http: aiohttp.ClientSession, url: str) -> None:
        """Get a cookie."""
        async with http.get(f"{url}/visit") as answer:
            cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.owner, self._headers = owner_of(cookie), {"Cookie": cookie, "Origin": url}

    async def remember(self, http: aiohttp.ClientSession, memory: str, token: str, exchanges: int) -> None:
        """Give the session a memory."""
        body = {"messages": EXCHANGE * exchanges, "context": "The user is Bob, who plays the drums."}
        path = f"/sessions/{self.owner}.s/memory?namespace=chat.{self.owner}"
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post(memory + path, json=body, headers=headers) as answer:
            answer.raise_for_status()

    async def load(self, http: aiohttp.ClientSession, url: str) -> None:
        """Load the page, without its files, which a browser keeps."""
        async with http.get(f"{url}/s/s", headers=self._headers) as answer:
            page = await answer.text()
        (found,) = CONNECT.findall(page)
        self._path = html.unescape(found)

    async def connect(self, port: int) -> None:
        """Open the page's websocket."""
        self._socket = await open_socket(port, self._path, self._headers, self._hear)

    def show(self) -> None:
        """Be visible from now on: ask for a sign of life after every silence."""
        self._loop.call_later(random.uniform(0, SILENCE), self._look)

    def chat(self, plan: Mapping[str, Any]) -> None:
        """Ask, read the answer, think, and ask again: ``words`` of an answer, up to ``think`` seconds, ``until``."""
        self._plan = plan
        self._loop.call_later(random.uniform(0, plan["think"]), self._ask)

    @property
    def lost(self) -> bool:
        """Whether the websocket has closed."""
        return self._socket is None or self._socket.lost

    def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            self._socket.close()

    def _look(self) -> None:
        if self.lost:
            return
        silent = self._loop.time() - self._heard
        if silent >= SILENCE:
            assert self._socket is not None
            self._socket.send(PING)
            silent = 0.0
        self._loop.call_later(SILENCE - silent, self._look)

    def _ask(self) -> None:
        if self._loop.time() >= self._plan["until"] or self.lost:
            return
        assert self._socket is not None
        text = QUESTION.format(words=self._plan["words"])
        self._turn = uuid4().hex
        self._end = b'"ended": "%s"' % self._turn.encode()
        self._sent, self._waiting, self.listens = time.monotonic_ns(), True, True
        self._socket.send(json.dumps({"body": {"type": "send", "text": text, "turn": self._turn}}).encode())

    def _hear(self, frame: bytes) -> None:
        self._heard = self._loop.time()
        self._seen.frames += 1
        self._seen.received += len(frame)
        if not self.listens:
            return
        if self._waiting and (stamp := STAMP.search(frame)):
            now, self._waiting = time.monotonic_ns(), False
            self._seen.added.append((now - int(stamp[1])) / 1e6)
            self._seen.asked.append((int(stamp[2]) - self._sent) / 1e6)
        if self._end in frame:
            self.listens = False
            self._seen.turns += 1
            self._loop.call_later(random.uniform(0, self._plan["think"]), self._ask)
        elif b'"refused"' in frame:
            self.listens = False
            self._seen.errors.append(frame.decode())
