"""The load of ``memory_server.py``: clients that each do turns (GET memory, POST a pair), one after another.

Its own process, on plain sockets, with as little Python a request as will do, so that it measures the server.

    python -m benchmarks.memory_load PORT CLIENTS SECONDS PREFIX SESSIONS   → JSON on standard output
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop


class Client(asyncio.Protocol):
    """One connection doing turns on one session after another until the deadline."""

    def __init__(self, sessions: list[bytes], times: list[float], deadline: float) -> None:
        self.sessions, self.times, self.deadline = sessions, times, deadline
        self.turn, self.reading, self.missing = 0, False, 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """The next request: a GET after each POST and a POST after each GET."""
        self.reading = not self.reading
        session = self.sessions[self.turn % len(self.sessions)]
        self.began = time.perf_counter()
        self.transport.write(get(session) if self.reading else post(session, self.turn))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Count the answer's bytes; when it is whole, ask on."""
        if self.missing == 0:
            head, _, body = data.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), data[:300]
            length = head[head.index(b"content-length: ") + 16 :].split(b"\r\n", 1)[0]
            self.missing = int(length) - len(body)
        else:
            self.missing -= len(data)
        if self.missing:
            return
        now = time.perf_counter()
        self.times.append(now - self.began)
        self.turn += not self.reading
        if now < self.deadline:
            self.ask()
        elif not self.done.done():
            self.done.set_result(None)


def get(session: bytes) -> bytes:
    """A GET memory as it goes over the wire."""
    return b"GET /sessions/%b/memory HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n" % session


def post(session: bytes, turn: int) -> bytes:
    """A POST of a pair as it goes over the wire."""
    body = b'{"messages":[{"role":"Human","content":"question %d: where is the amplifier?"},' % turn
    body += b'{"role":"AI","content":"It is behind the drums, where it was in turn %d."}]}' % turn
    head = b"POST /sessions/%b/memory HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return head % session + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def load(port: int, clients: int, seconds: float, prefix: str, sessions: int) -> dict[str, float]:
    """Requests a second and their latencies in milliseconds, of ``clients`` at once on ``sessions`` sessions."""
    times: list[float] = []
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    each = max(1, sessions // clients)
    waits = []
    for number in range(clients):
        own = [f"{prefix}{(number * each + i) % sessions}".encode() for i in range(each)]
        _, client = await loop.create_connection(
            lambda own=own: Client(own, times, began + seconds),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        waits.append(client.done)
    await asyncio.wait_for(asyncio.gather(*waits), seconds + 30)
    took = time.perf_counter() - began
    times.sort()
    p50, p99 = (times[int((len(times) - 1) * share)] * 1000 for share in (0.5, 0.99))
    return {"requests": len(times), "seconds": took, "p50": p50, "p99": p99, "worst": times[-1] * 1000}


if __name__ == "__main__":
    port, clients, seconds, prefix, sessions = sys.argv[1:]
    print(json.dumps(uvloop.run(load(int(port), int(clients), float(seconds), prefix, int(sessions)))))
