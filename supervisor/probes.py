"""Does it answer? One short question over a plain socket, without a client library."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

from supervisor.ports import LOOPBACK

#: Seconds that a child of ours may take for one answer, and a configured address for a connection.
ANSWER, CONNECTION = 1.0, 3.0

DEFAULT_PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379}


class Probe(Protocol):
    """A question to one child."""

    def answers(self) -> bool:
        """Whether the child is ready now; false also where nothing listens yet."""
        ...


@dataclass(frozen=True)
class HttpProbe:
    """Ready means: an HTTP answer to GET ``path``, below 500 or (``any_status``) whatever its status."""

    port: int
    path: str
    any_status: bool = False

    def answers(self) -> bool:
        """Whether the server on the port gave such an answer."""
        host = f"{LOOPBACK}:{self.port}"
        answer = _ask(self.port, f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        return answer.startswith(b"HTTP/1.") and (self.any_status or answer[9:10] < b"5")


@dataclass(frozen=True)
class ValkeyProbe:
    """Ready means: PONG, which a Valkey that is still reading its data does not say."""

    port: int
    password: str

    def answers(self) -> bool:
        """Whether it answered a ping."""
        return b"+PONG" in _ask(self.port, f"AUTH {self.password}\r\nPING\r\nQUIT\r\n")


def connects(url: str) -> bool:
    """Whether the server that ``url`` names takes a connection within a few seconds."""
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


def _ask(port: int, question: str) -> bytes:
    """What the server says until it hangs up or is silent for a second; nothing where none listens."""
    answer = b""
    try:
        with socket.create_connection((LOOPBACK, port), ANSWER) as connection:
            connection.sendall(question.encode())
            while part := connection.recv(4096):
                answer += part
    except OSError:
        pass
    return answer
