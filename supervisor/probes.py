"""Probes that ask whether a server answers, over a plain socket and without a client library."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

from environment.addresses import servers_in
from supervisor.ports import LOOPBACK

#: Seconds that a child may take to answer, and a configured address to accept a connection.
ANSWER, CONNECTION = 1.0, 3.0

DEFAULT_PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379}


class Probe(Protocol):
    """A check of one child."""

    def answers(self) -> bool:
        """Whether the child is ready; also false if nothing listens yet."""
        ...

    def lives(self) -> bool:
        """Whether the child says anything at all, even that it is not ready."""
        ...


@dataclass(frozen=True)
class HttpProbe:
    """Ready means an HTTP answer to GET ``path`` with a status below 500."""

    port: int
    path: str
    #: The host as in an address.
    host: str = LOOPBACK

    def answers(self) -> bool:
        """Whether the server gave such an answer."""
        answer = self._ask()
        return answer.startswith(b"HTTP/1.") and answer[9:10] < b"5"

    def lives(self) -> bool:
        """Whether the server gave any answer."""
        return bool(self._ask())

    def _ask(self) -> bytes:
        question = f"GET {self.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: close\r\n\r\n"
        return _ask(self.port, question, self.host.strip("[]"))


@dataclass(frozen=True)
class ValkeyProbe:
    """Ready means PONG, which Valkey does not answer while it is still loading its data."""

    port: int
    password: str

    def answers(self) -> bool:
        """Whether Valkey answered a ping."""
        return b"+PONG" in self._ask()

    def lives(self) -> bool:
        """Whether Valkey answered anything, such as that it is loading its data."""
        return bool(self._ask())

    def _ask(self) -> bytes:
        return _ask(self.port, f"AUTH {self.password}\r\nPING\r\nQUIT\r\n")


def connects(url: str) -> bool:
    """Whether the server at ``url``, or one of its sentinels, accepts a connection within a few seconds."""
    return any(map(_connects, servers_in(url)))


def _connects(url: str) -> bool:
    parts = urlsplit(url)
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(CONNECTION)
                probe.connect(unquote(parts.path))
        else:
            address = (parts.hostname or LOOPBACK, parts.port or DEFAULT_PORTS[parts.scheme])
            socket.create_connection(address, CONNECTION).close()
    except OSError:
        return False
    return True


def _ask(port: int, question: str, host: str = LOOPBACK) -> bytes:
    """What the server sends until it hangs up or is silent for a second; empty if nothing listens."""
    answer = b""
    try:
        with socket.create_connection((host, port), ANSWER) as connection:
            connection.sendall(question.encode())
            while part := connection.recv(4096):
                answer += part
    except OSError:
        pass
    return answer
