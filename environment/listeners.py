"""Addresses of servers of this machine."""

from __future__ import annotations

import socket


def in_brackets(host: str) -> str:
    """``host`` as it stands in an address: in brackets if it is an IPv6 address."""
    return f"[{host}]" if ":" in host else host


def url_of(listener: socket.socket) -> str:
    """The address of the HTTP server that listens on a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{in_brackets(host)}:{port}"
