"""Ports of this machine: the one that the web workers share, and free ones for the rest."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Collection

from supervisor.exceptions import PortTaken

LOOPBACK = "127.0.0.1"
BACKLOG = 1024

#: Below the range from which Linux draws the ports of outgoing connections: a client that calls a dead
#: server's port again and again could be given that very port, connect to itself, and keep the server away.
FREE_PORTS = range(20_000, 32_000)


def listen(port: int, option: str) -> socket.socket:
    """A socket that listens on ``port`` of this machine (0: a free one), for children to inherit.

    While no child accepts, connections wait in it. Raises PortTaken, naming ``option`` as the way out.
    """
    listener = _bound(port, option)
    listener.listen(BACKLOG)
    return listener


def free_port(port: int = 0, option: str = "", *, other_than: Collection[int] = ()) -> int:
    """``port`` if nobody listens on it, or for 0 a random free one, ``other_than`` some. Raises PortTaken."""
    with _bound(port, option, other_than) as probe:
        return int(probe.getsockname()[1])


def _bound(port: int, option: str, other_than: Collection[int] = ()) -> socket.socket:
    if port:
        return _bind(port, option)
    for candidate in random.sample([port for port in FREE_PORTS if port not in other_than], 100):
        try:
            return _bind(candidate, option)
        except PortTaken:
            continue
    raise PortTaken("No free port was found on this machine. Name one with --port and --memory-port.")


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
