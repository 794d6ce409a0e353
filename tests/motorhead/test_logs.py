"""The log of the memory server."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from motorhead.logs import configure
from telemetry.logs import JsonLines, TextLines


@pytest.fixture(autouse=True)
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The root logger, and what Python does with errors and warnings, as they were."""
    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    logger.handlers = []
    yield
    logging.captureWarnings(False)
    logger.handlers, logger.level = handlers, level


@pytest.mark.parametrize(("as_json", "kind"), [(True, JsonLines), (False, TextLines)])
def test_lines_are_for_machines_or_people(as_json: bool, kind: type[logging.Formatter]) -> None:
    """Both go to standard error; libraries are heard from their warnings on."""
    configure(as_json)
    (handler,) = logging.getLogger().handlers
    assert type(handler.formatter) is kind
    assert not logging.getLogger("aiohttp").isEnabledFor(logging.INFO)
    assert logging.getLogger("motorhead").isEnabledFor(logging.INFO)
