"""This machine on the network: its name, the port that the web workers share, and free ports for the rest."""

from __future__ import annotations

import errno
import random
import re
import socket
from collections.abc import Collection

from supervisor.exceptions import PortTaken

LOOPBACK = "127.0.0.1"
BACKLOG = 1024

#: Below the range that Linux uses for outgoing connections. Otherwise a client that keeps retrying a dead server's
#: port could be assigned that port itself, connect to itself, and keep the server from coming back.
FREE_PORTS = range(20_000, 32_000)


def host_name() -> str:
    """The name of this machine, in the characters that the name of a worker may have."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:60] or "localhost"


def listen(port: int, option: str) -> socket.socket:
    """A socket that listens on ``port`` (0: any free port) for children to inherit.

    Connections wait in it until a child accepts them. Raises `PortTaken`: the port is not available; the message
    names ``option`` as the way to choose another.
    """
    listener = _bound(port, option)
    listener.listen(BACKLOG)
    return listener


def free_port(port: int = 0, option: str = "", *, other_than: Collection[int] = ()) -> int:
    """``port``, or for 0 a random free port, ``other_than`` these. Raises `PortTaken`: the port is not available."""
    with _bound(port, option, other_than) as probe:
        return int(probe.getsockname()[1])


def _bound(port: int, option: str, other_than: Collection[int] = ()) -> socket.socket:
    if port in other_than:
        raise PortTaken(f"Port {port} is to be used twice. Choose another port with {option}.")
    if port:
        return _bind(port, option)
    for candidate in random.sample([port for port in FREE_PORTS if port not in other_than], 100):
        try:
            return _bind(candidate, option)
        except PortTaken:
            continue
    raise PortTaken("No free port was found on this machine. Name one with --port, --memory-port and --model-port.")


def _bind(port: int, option: str) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except OSError as error:
        bound.close()
        raise PortTaken(_sentence(port, option, error)) from None
    return bound


def _sentence(port: int, option: str, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system's own servers. Choose one above 1023 with {option}."
    return f"Port {port} is taken by another program. Stop that program, or choose another port with {option}."
