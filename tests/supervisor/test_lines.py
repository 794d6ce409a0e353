"""The supervisor's own lines."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from supervisor.lines import tell


def test_a_line_is_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    """It begins with the name of the command."""
    tell("starting web.1.")
    assert capsys.readouterr().err == "serve: starting web.1.\n"


def test_a_line_can_be_for_a_machine(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    """With CHAT_LOG=json it has the fields of all log lines."""
    settings.CHAT_LOG = "json"
    tell("web.1 ended with status 1; starting it again.", "warning")
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["process"], line["logger"]) == ("warning", "serve", "supervisor")
    assert line["message"] == "web.1 ended with status 1; starting it again."


def test_a_terminal_that_is_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site goes on."""

    class Gone:
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    tell("starting web.1.")
