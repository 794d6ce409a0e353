"""For tests of a whole site."""

from __future__ import annotations

import pytest

from tests.support.servers import PROXIES


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies: each site is on this machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
