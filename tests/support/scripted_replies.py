"""The replies and requests of the scripted model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support import scripted_wire as wire
from tests.support.servers import PATIENCE


class Gate:
    """Holds an answer until the test calls `release`, and lets the test wait until an answer has reached it."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()

    def release(self) -> None:
        """Let all answers through, now and later."""
        with self._lock:
            self._released.set()
            for loop, passed in self._waiting:
                loop.call_soon_threadsafe(passed.set)
            self._waiting.clear()

    def wait_until_reached(self, seconds: float = 10) -> None:
        """Block until an answer is waiting here; in async code use `reached`."""
        if not self._reached.wait(seconds * PATIENCE):
            raise AssertionError(f"No answer came to the gate within {seconds * PATIENCE:g} s.")

    async def reached(self, seconds: float = 10) -> None:
        """Return once an answer is waiting here."""
        await asyncio.to_thread(self.wait_until_reached, seconds)

    async def passed(self) -> None:
        """Wait, in the server, until the test releases the gate."""
        event = asyncio.Event()
        with self._lock:
            if not self._released.is_set():
                self._waiting.append((asyncio.get_running_loop(), event))
            else:
                event.set()
        self._reached.set()
        await event.wait()


@dataclass(frozen=True)
class Reply:
    """One answer.

    ``text``: a string, streamed word by word, or the list of chunks to stream.
    ``delay``/``pace``: seconds before the first chunk, and between chunks.
    ``gate``: the answer waits at the gate before chunk ``gate_at`` (0: before the first; a stream's status and
    headers have already been sent), or before a plain answer. A gate that is never released is a model that hangs.
    ``cut_after``: the connection is closed after this number of chunks, in the middle of the answer.
    ``error``: with a ``status`` of 400 or above, its message; otherwise sent in the stream after the last chunk.
    ``raw``: the bytes of the body, which replace all that, paced and cut in the same ways, as ``content_type``.
    ``usage``: (prompt tokens, completion tokens); by default, the numbers of words.
    """

    text: str | Sequence[str] = ""
    delay: float = 0
    pace: float = 0
    finish_reason: str = "stop"
    usage: tuple[int, int] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    cut_after: int | None = None
    gate: Gate | None = None
    gate_at: int = 0
    raw: Sequence[bytes] | None = None
    content_type: str = "text/event-stream"

    @property
    def chunks(self) -> list[str]:
        """The chunks to stream."""
        return wire.words(self.text) if isinstance(self.text, str) else list(self.text)


@dataclass(frozen=True)
class Request:
    """A request to the server: header names are in lower case; the body is parsed JSON, or ``{}`` for an empty one."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    query: str = ""

    @property
    def model(self) -> str:
        """The requested model."""
        return str(self.body.get("model", ""))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of a chat completion, oldest first."""
        return list(self.body.get("messages", []))

    @property
    def prompts(self) -> list[str]:
        """The prompts of a plain completion, or the input of an embedding."""
        prompt = self.body.get("prompt", self.body.get("input", []))
        return [prompt] if isinstance(prompt, str) else list(prompt)

    @property
    def text(self) -> str:
        """The last message or prompt."""
        if self.messages:
            return wire.text_of(self.messages[-1].get("content"))
        return str(self.prompts[-1]) if self.prompts else ""

    @property
    def stream(self) -> bool:
        """Whether the answer should be a stream of server-sent events."""
        return self.body.get("stream") is True
