"""The site's secret key in its folder. That a site starts with it is tested through the settings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite.secret_key import secret_key


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """Nothing else is left in the folder, which is made as well."""
    key = secret_key(tmp_path / "new")
    assert secret_key(tmp_path / "new") == key
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret_key"]


def test_a_command_that_signs_makes_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would fit no site."""
    monkeypatch.setattr(sys, "argv", ["manage.py", "issue_token"])
    with pytest.raises(ImproperlyConfigured, match=r"Start the site first"):
        secret_key(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    """With a sentence about its file."""
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        secret_key(tmp_path)
