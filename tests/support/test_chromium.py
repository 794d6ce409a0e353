"""The browser of tests, benchmarks and pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import chromium


def test_a_missing_browser_is_said(monkeypatch):
    """With the package to install, before anything else is started."""
    monkeypatch.setattr(chromium, "CHROMIUM", Path("/nowhere"))
    with pytest.raises(SystemExit, match="Install Debian's package chromium"), chromium.chromium():
        raise AssertionError  # never reached
