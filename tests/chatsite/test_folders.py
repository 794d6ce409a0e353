"""The folders of the site in a checkout; ``tests/distributions`` tests those of an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatsite import folders
from tests.support.servers import REPOSITORY


def test_a_checkout_has_everything_at_its_root(tmp_path: Path) -> None:
    """Templates, static files and the default data folder are at the root, wherever the data is stored."""
    assert not folders.INSTALLED
    assert folders.ROOT == REPOSITORY
    assert (folders.TEMPLATES, folders.STATIC) == (REPOSITORY / "templates", REPOSITORY / "static")
    assert folders.LOCALE == REPOSITORY / "locale"
    assert folders.default_data() == REPOSITORY / "var"
    assert folders.collected_static(tmp_path) == REPOSITORY / "staticfiles"


def test_a_full_disk_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with too little space left counts as full; a folder that cannot be examined does not."""
    assert not folders.is_full(tmp_path)
    monkeypatch.setattr(folders, "LEAST_SPACE", 2**62)
    assert folders.is_full(tmp_path)
    assert not folders.is_full(tmp_path / "missing")
