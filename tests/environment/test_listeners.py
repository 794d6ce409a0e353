"""Addresses of servers of this machine."""

from __future__ import annotations

import socket

import pytest

from environment.listeners import url_of


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_a_listener_has_an_address_that_clients_understand(host: str, shown: str):
    """An IPv6 address is in brackets."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        assert url_of(listener) == f"http://{shown}:{listener.getsockname()[1]}"
