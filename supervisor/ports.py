"""This machine on the network: its names, the port that the web workers share, and free ports for the rest."""

from __future__ import annotations

import errno
import random
import re
import socket
from collections.abc import Collection

from environment.listeners import in_brackets
from supervisor.exceptions import HostUnusable, PortTaken

LOOPBACK = "127.0.0.1"
#: Addresses to listen on that mean all addresses of this machine, and where it reaches a server that does.
ALL = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104
BACKLOG = 1024

#: Below the range that Linux uses for outgoing connections. Otherwise a client that keeps retrying a dead server's
#: port could be assigned that port itself, connect to itself, and keep the server from coming back.
FREE_PORTS = range(20_000, 32_000)


def host_name() -> str:
    """The name of this machine, in the characters that the name of a worker may have."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname())[:60] or "localhost"


def reachable(host: str) -> str:
    """The host of the address at which this machine reaches a server that listens on ``host``."""
    return in_brackets(ALL.get(host, host))


def listen(port: int, option: str, host: str = LOOPBACK) -> socket.socket:
    """A socket that listens on ``host`` and ``port`` (0: any free port) for children to inherit.

    Connections wait in it until a child accepts them. Raises `PortTaken` or `HostUnusable`: the port, or the host, is
    not available; the message names ``option`` as the way to choose another port.
    """
    listener = _bound(port, option, host=host)
    listener.listen(BACKLOG)
    return listener


def free_port(port: int = 0, option: str = "", *, other_than: Collection[int] = (), host: str = LOOPBACK) -> int:
    """``port``, or for 0 a random free port, ``other_than`` these. Raises `PortTaken` or `HostUnusable`."""
    with _bound(port, option, other_than, host) as probe:
        return int(probe.getsockname()[1])


def _bound(port: int, option: str, other_than: Collection[int] = (), host: str = LOOPBACK) -> socket.socket:
    if port in other_than:
        raise PortTaken(f"Port {port} is to be used twice. Choose another port with {option}.")
    if port:
        return _bind(host, port, option)
    for candidate in random.sample([port for port in FREE_PORTS if port not in other_than], 100):
        try:
            return _bind(host, candidate, option)
        except PortTaken:
            continue
    raise PortTaken("No free port was found on this machine. Name one with --port, --memory-port and --model-port.")


def _bind(host: str, port: int, option: str) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, error) from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise PortTaken(_sentence(port, option, error)) from None
        raise _unusable(host, error) from None
    return bound


def _unusable(host: str, error: OSError) -> HostUnusable:
    said = (error.strerror or str(error)).rstrip(".")
    return HostUnusable(f"Nothing can listen on {host} ({said}). Name a host that is an address of this machine.")


def _sentence(port: int, option: str, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system's own servers. Choose one above 1023 with {option}."
    return f"Port {port} is taken by another program. Stop that program, or choose another port with {option}."
