"""Recognising this machine's own addresses."""

from __future__ import annotations

import pytest

from chat.domain.hosts import is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("example.org", False)],
)
def test_loopback_addresses_are_known(host: str, *, loopback: bool) -> None:
    """Only loopback names and addresses are this machine."""
    assert is_loopback(host) is loopback
