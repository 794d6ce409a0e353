"""The load client of the memory server's benchmarks: each client does turns (GET memory, POST a pair), one by one.

It runs in its own process, on bare sockets and epoll, with as little Python per request as possible, so that it
measures the server and leaves it the CPU. A message has 200 characters.

    python -m benchmarks.memory_load PORT CLIENTS SECONDS PREFIX SESSIONS   → JSON on standard output
"""

from __future__ import annotations

import json
import select
import socket
import sys
from time import perf_counter

GET = b"GET /sessions/%b/memory HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"
POST = (
    b"POST /sessions/%b/memory HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b"
)
#: Characters of a message.
LENGTH = 200
QUESTION = b"Where is the amplifier, and who has moved it since the last rehearsal?".ljust(LENGTH - 7, b"q")
ANSWER = b"It is behind the drums, where you have put it yourself, next to the old cabinet.".ljust(LENGTH - 7, b"a")
PAIR = (
    b'{"messages":[{"role":"Human","content":"' + QUESTION + b'%07d"},{"role":"AI","content":"' + ANSWER + b'%07d"}]}'
)
CONTENT_LENGTH = b"content-length: "


class Client:
    """One connection that does turns, cycling through its sessions."""

    def __init__(self, port: int, sessions: list[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sessions = sessions
        self.turn, self.reading, self.missing, self.began = 0, False, 0, 0.0

    def ask(self) -> None:
        """Send the next request: a GET, then a POST to the same session, then on to the next session."""
        self.reading = not self.reading
        session = self.sessions[self.turn % len(self.sessions)]
        self.began = perf_counter()
        if self.reading:
            self.socket.send(GET % session)
        else:
            body = PAIR % (self.turn, self.turn)
            self.socket.send(POST % (session, len(body), body))
            self.turn += 1

    def answered(self) -> bool:
        """Read the available data. Returns whether the answer is complete."""
        data = self.socket.recv(262_144)
        if self.missing:
            self.missing -= len(data)
        else:
            assert data.startswith(b"HTTP/1.1 200"), data[:300]
            at = data.index(CONTENT_LENGTH) + len(CONTENT_LENGTH)
            length = int(data[at : data.index(b"\r", at)])
            self.missing = length - (len(data) - data.index(b"\r\n\r\n") - 4)
        return self.missing == 0


def load(port: int, clients: int, seconds: float, prefix: str, sessions: int) -> dict[str, float]:
    """The number of requests and their latencies in ms, for ``clients`` in parallel on ``sessions`` sessions."""
    each = max(1, sessions // clients)
    names = [f"{prefix}{number}".encode() for number in range(sessions)]
    poll, by_number, times = select.epoll(), {}, []
    for number in range(clients):
        own = [names[(number * each + i) % sessions] for i in range(each)]
        client = Client(port, own)
        by_number[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    began = perf_counter()
    for client in by_number.values():
        client.ask()
    busy = clients
    while busy:
        for number, _ in poll.poll(10):
            client = by_number[number]
            if client.answered():
                now = perf_counter()
                times.append(now - client.began)
                if now - began < seconds:
                    client.ask()
                else:
                    busy -= 1
    took = perf_counter() - began
    times.sort()
    p50, p99 = (times[int((len(times) - 1) * share)] * 1000 for share in (0.5, 0.99))
    return {"requests": len(times), "seconds": took, "p50": p50, "p99": p99, "worst": times[-1] * 1000}


if __name__ == "__main__":
    port, clients, seconds, prefix, sessions = sys.argv[1:]
    print(json.dumps(load(int(port), int(clients), float(seconds), prefix, int(sessions))))
