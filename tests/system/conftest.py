"""For tests of a whole site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.compose import build_image
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PROXIES


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies: each site is on this machine."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedOpenAI]:
    """The model of a module's site."""
    with ScriptedOpenAI() as model:
        yield model


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's folder in the image."""
    return build_image(tmp_path_factory.mktemp("image") / "site")
