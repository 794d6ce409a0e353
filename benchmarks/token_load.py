"""The load client of ``first_token.py``, run as a separate process.

    python -m benchmarks.token_load '{"port": …, "path": …, "headers": {…}, "product": true, "chats": 50, …}'

Each chat is a socket that asks, reads the answer to its end, thinks, and asks again. For the time between the end of
the ramp and the deadline, it prints as JSON: ``added`` (ms from sending each first token at the model to its arrival
here), ``asked`` (ms from each question to its arrival at the model), the number of tokens, and the CPU seconds of
each process in ``pids``.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import uvloop

from benchmarks.loopback import RawSocket, cpu_seconds, open_socket

#: Seconds to wait for the last answers.
PATIENCE = 15.0
#: The token that the model repeats, after a first token with three @ in it.
WORD = b"drums "
QUESTION = "Where did you say the amplifier is, and who put it there? Answer in {words} words."


@dataclass
class Found:
    """The measurements, which start when ``counting`` is set."""

    added: list[float]
    asked: list[float]
    tokens: int = 0
    counting: bool = False


class Chat:
    """One person: asks, waits for the end, thinks up to ``think`` seconds, asks again."""

    def __init__(self, number: int, plan: dict[str, Any], found: Found) -> None:
        self._number, self._plan, self._found = number, plan, found
        self._question = QUESTION.format(words=plan["words"])
        self._loop = asyncio.get_running_loop()
        self._socket: RawSocket | None = None
        self._sent = 0
        self._waiting = False
        #: Whether it will ask again, and whether it is waiting for the end of an answer.
        self.goes_on, self.listens = True, False
        self.error = ""

    async def open(self) -> None:
        """Connect."""
        self._socket = await open_socket(self._plan["port"], self._plan["path"], self._plan["headers"], self._hear)

    def ask(self) -> None:
        """Send the next message."""
        assert self._socket is not None
        if not self.goes_on:
            return
        if self._socket.lost:
            self.error = self.error or "A socket was lost."
            return
        frame = self._frame() if self._plan["product"] else self._question.encode()
        self._sent, self._waiting, self.listens = time.monotonic_ns(), True, True
        self._socket.send(frame)

    def _frame(self) -> bytes:
        message = {"id": uuid4().hex[:16], "role": "user", "parts": [{"type": "text", "text": self._question}]}
        return json.dumps(
            {"type": "send", "requestId": "r", "id": f"s{self._number}", "trigger": "submit-message",
             "messages": [message], "headers": {}, "body": {}}
        ).encode()  # fmt: skip

    def _hear(self, message: bytes) -> None:
        now = time.monotonic_ns()
        if self._waiting and b"@" in message:
            self._waiting = False
            sent, asked = (int(stamp) for stamp in message.split(b"@")[1:3])
            if self._found.counting:
                self._found.added.append((now - sent) / 1e6)
                self._found.asked.append((asked - self._sent) / 1e6)
        if b'"delta"' in message:
            self._found.tokens += (message.count(WORD) + message.count(b"@") // 3) * self._found.counting
        elif message.startswith((b'{"type":"end"', b'{"type": "end"')):
            self.listens = False
            self._loop.call_later(random.uniform(0, self._plan["think"]), self.ask)
        elif b'"errorText"' in message:
            self.error, self.listens = message.decode(), False


async def leave(chats: Sequence[Chat]) -> None:
    """Wait until every answer has ended: leftover work would slow down the next measurement."""
    for chat in chats:
        chat.goes_on = False
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(chat.listens for chat in chats):  # noqa: ASYNC110 - polls hundreds of chats
        await asyncio.sleep(0.1)


async def load(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out ``plan``."""
    found = Found([], [])
    chats = [Chat(number, plan, found) for number in range(plan["chats"])]
    for chat in chats:
        await chat.open()
    loop = asyncio.get_running_loop()
    for chat in chats:
        loop.call_later(random.uniform(0, plan["ramp"]), chat.ask)
    await asyncio.sleep(plan["ramp"])
    before = [cpu_seconds(pid) for pid in plan["pids"]]
    found.counting = True
    await asyncio.sleep(plan["seconds"])
    found.counting = False
    cpu = [cpu_seconds(pid) - was for pid, was in zip(plan["pids"], before, strict=True)]
    await leave(chats)
    if errors := [chat.error for chat in chats if chat.error]:
        raise SystemExit(f"{len(errors)} of {len(chats)} chats failed, the first with: {errors[0]}")
    return {"added": found.added, "asked": found.asked, "tokens": found.tokens, "cpu": cpu}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(json.loads(sys.argv[1])))))
