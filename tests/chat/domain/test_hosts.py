"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from chat.domain.hosts import is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("example.org", False)],
)
def test_loopback_addresses_are_known(host: str, *, loopback: bool) -> None:
    """No proxy is asked for them."""
    assert is_loopback(host) is loopback
