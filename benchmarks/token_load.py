"""The load client of ``turn.py``, run as a separate process.

    python -m benchmarks.token_load '{"ports": […], "path": …, "headers": {…}, "product": true, "chats": 50, …}'

Each chat is a socket that asks, reads the answer to its end, thinks, and asks again; the chats are spread over
``ports``. For the time between the end of the ramp and the deadline, it prints as JSON: ``added`` (ms from sending each
first token at the model to its arrival here), ``asked`` (ms from each question to its arrival at the model), the
numbers of tokens and of turns that have ended, and the CPU seconds of each process in ``pids``.

The frames are those of `chat_client`. Its connections are not used: hundreds of them would need as much CPU as the
workers under test, on the same cores.
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
from chat_client.frames import LAST, Chunk, Failure, encode, parse, send_frame, user_message

#: Seconds to wait for the last answers.
PATIENCE = 15.0
#: The token that the model repeats, after a first token with three @ in it.
WORD = "drums "
QUESTION = "Where did you say the amplifier is, and who put it there? Answer in {words} words."


@dataclass
class Found:
    """The measurements, which start when ``counting`` is set."""

    added: list[float]
    asked: list[float]
    tokens: int = 0
    turns: int = 0
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
        plan, ports = self._plan, self._plan["ports"]
        port = ports[self._number % len(ports)]
        headers = plan["headers"] and {**plan["headers"], "Origin": f"http://127.0.0.1:{port}"}
        self._socket = await open_socket(port, plan["path"], headers, self._hear)

    def ask(self) -> None:
        """Send the next message."""
        assert self._socket is not None
        if not self.goes_on:
            return
        if self._socket.lost:
            self.error = self.error or "A socket was lost."
            return
        frame = self._frame() if self._plan["product"] else self._question
        self._sent, self._waiting, self.listens = time.monotonic_ns(), True, True
        self._socket.send(frame.encode())

    def _frame(self) -> str:
        return encode(send_frame(f"s{self._number}", user_message(self._question), uuid4().hex), "r")

    def _hear(self, message: bytes) -> None:
        now = time.monotonic_ns()
        frame = parse(message)
        if isinstance(frame, Chunk) and (delta := frame.chunk.get("delta")):
            self._read(delta, now)
        elif isinstance(frame, Failure) or (isinstance(frame, Chunk) and frame.chunk["type"] == "error"):
            self.error, self.listens = message.decode(), False
        elif isinstance(frame, LAST):
            self.listens = False
            self._found.turns += self._found.counting
            self._loop.call_later(random.uniform(0, self._plan["think"]), self.ask)

    def _read(self, delta: str, now: int) -> None:
        if self._waiting and "@" in delta:
            self._waiting = False
            sent, asked = (int(stamp) for stamp in delta.split("@")[1:3])
            if self._found.counting:
                self._found.added.append((now - sent) / 1e6)
                self._found.asked.append((asked - self._sent) / 1e6)
        self._found.tokens += (delta.count(WORD) + delta.count("@") // 3) * self._found.counting


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
    return {"added": found.added, "asked": found.asked, "tokens": found.tokens, "turns": found.turns, "cpu": cpu}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(load(json.loads(sys.argv[1])))))
