"""The four wheels, built once a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.build_wheels import build


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel files by the names of their distributions."""
    folder = tmp_path_factory.mktemp("wheels")
    build(folder)
    return {path.name.split("-")[0].replace("_", "-"): path for path in folder.iterdir()}
