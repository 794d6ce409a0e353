"""The model of ``turn.py``: streams in OpenAI's format at a steady pace, with timestamps in the first token.

    python -m benchmarks.token_model PORT FIRST PACE

The first token comes FIRST seconds after the request, the others every PACE seconds, as many as the last message
asks for ("… in 60 words"). The text of the first is ``@<sent>@<asked>@``: the times, in ns of this machine's monotonic
clock, at which it was sent and at which the whole request had arrived. From these the client computes the added time
on its own. A request without streaming (a fold of the memory server) gets a fixed summary at once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any, cast

import uvloop

SUMMARY = "Bob asked where the amplifiers are; they are behind the drums. " * 3
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
COMMON = {
    "id": "chatcmpl-benchmark", "object": "chat.completion.chunk", "created": 1_700_000_000,
    "model": "benchmark", "system_fingerprint": "fp_benchmark",
}  # fmt: skip


def event(delta: dict[str, str], finish: str | None = None) -> bytes:
    """One server-sent event in OpenAI's format."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return chunked(b"data: " + json.dumps({**COMMON, "choices": [choice]}).encode() + b"\n\n")


def chunked(data: bytes) -> bytes:
    """A chunk of a body of unknown length."""
    return b"%x\r\n%b\r\n" % (len(data), data)


ROLE = event({"role": "assistant", "content": ""})
TOKEN = event({"content": "drums "})
END = event({}, "stop") + chunked(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def summary() -> bytes:
    """A complete answer, not streamed."""
    message = {"role": "assistant", "content": SUMMARY}
    body: dict[str, Any] = {**COMMON, "object": "chat.completion"}
    body["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body["usage"] = {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130}
    text = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)


def tokens_wanted(body: bytes) -> int | None:
    """The wanted number of tokens; None for an answer that is not streamed."""
    request = json.loads(body or b"{}")
    if not request.get("stream"):
        return None
    return int(str(request["messages"][-1]["content"]).split()[-2])


class Model(asyncio.Protocol):
    """One connection, which handles one request at a time."""

    def __init__(self, first: float, pace: float) -> None:
        self._first, self._pace = first, pace
        self._loop = asyncio.get_running_loop()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) < int(fields.get(b"content-length", 0)):
            return
        self._buffer = b""
        asked = time.monotonic_ns()
        if (tokens := tokens_wanted(body)) is None:
            self._transport.write(summary())
        else:
            self._transport.write(HEAD)
            due = self._loop.time() + self._first
            self._loop.call_at(due, self._begin, asked, tokens, due)

    def _begin(self, asked: int, tokens: int, due: float) -> None:
        stamp = f"@{time.monotonic_ns()}@{asked}@ "
        self._transport.write(ROLE + event({"content": stamp}))
        self._go_on(tokens - 1, due)

    def _go_on(self, left: int, due: float) -> None:
        if self._transport.is_closing():
            return
        if left == 0:
            self._transport.write(END)
            return
        due += self._pace  # counted from when the last was due, so that delays do not add up
        self._loop.call_at(due, self._say, left, due)

    def _say(self, left: int, due: float) -> None:
        self._transport.write(TOKEN)
        self._go_on(left - 1, due)


async def serve(port: int, first: float, pace: float) -> None:
    """Serve until the process is stopped."""
    server = await asyncio.get_running_loop().create_server(lambda: Model(first, pace), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
