"""Log lines: for people or machines, and without the messages of errors."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading

import pytest

from telemetry.logs import JsonLines, TextLines, json_line, report_uncaught

WORDS = "canary"


def record(message: str, *arguments: object, failed: bool = False) -> logging.LogRecord:
    """The log record of a message, with the error being handled if ``failed``."""
    error = sys.exc_info() if failed else None
    return logging.LogRecord("motorhead.x", logging.WARNING, __file__, 1, message, arguments, error)


def failing() -> logging.LogRecord:
    """The record of an error that quotes text of a session."""
    try:
        raise ValueError(WORDS)
    except ValueError:
        return record("It failed.", failed=True)


def test_a_line_for_a_machine_is_one_json_object() -> None:
    """Time in UTC, level, process, logger and the whole message are on one line, whatever they contain."""
    line = JsonLines("memory").format(record("Both\n%s", "ü"))
    assert "\n" not in line
    read = json.loads(line)
    assert (read["level"], read["logger"], read["message"]) == ("warning", "motorhead.x", "Both\nü")
    assert (read["process"], read["pid"]) == ("memory", os.getpid())
    assert read["time"].endswith("+00:00")
    assert "trace" not in read


def test_a_line_for_a_person_says_when_how_bad_where_and_what() -> None:
    """A line of text has its parts in the usual order."""
    assert TextLines().format(record("It waits %d s.", 3)).endswith(" WARNING motorhead.x: It waits 3 s.")


def test_an_error_is_shown_by_its_place_and_type_alone() -> None:
    """An error's message may quote text of a session, so neither form repeats it."""
    lines = [TextLines().format(failing()), JsonLines("memory").format(failing())]
    for line in lines:
        assert WORDS not in line
        assert "in failing" in line
        assert "ValueError" in line
    assert json.loads(lines[1])["trace"].endswith("ValueError")


def test_a_line_that_comes_from_no_logger_has_the_same_fields() -> None:
    """Programs without one write like all others."""
    written = json.loads(json_line("serve", "INFO", "supervisor", "starting web.1"))
    logged = json.loads(JsonLines("memory").format(record("It waits.")))
    assert list(written) == list(logged)
    assert (written["level"], written["process"]) == ("info", "serve")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (f"raise ValueError('{WORDS}')", "ValueError"),
        (f"import threading; threading.Thread(target=int, args=['{WORDS}']).start()", "ValueError"),
        (f"X = type('X', (), dict(__del__=lambda self: int('{WORDS}'))); X()", "ValueError"),
        (f"async def f(): raise ValueError('{WORDS}')\nasync def g(): asyncio.create_task(f())\nasyncio.run(g())", ""),
        ("import warnings; warnings.warn('old')", ""),
    ],
    ids=["error", "thread", "finalizer", "task", "warning"],
)
def test_what_python_would_print_is_a_line_as_well(code: str, shown: str) -> None:
    """Errors that nothing catches, also in threads, tasks and finalizers, and warnings."""
    start = "import asyncio; from telemetry.logs import configure; configure('memory', as_json=True)\n"
    done = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines
    for line in lines:
        assert line["process"] == "memory"
        assert WORDS not in str(line)
        assert line.get("trace", "").endswith(shown)


def test_the_end_of_a_thread_is_no_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Python itself prints nothing when one calls ``sys.exit``."""
    for module, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(logging, "captureWarnings", lambda capture: None)
    report_uncaught("memory")
    for target in (sys.exit, int):
        thread = threading.Thread(target=target, args=["1.5"])
        thread.start()
        thread.join()
    assert "SystemExit" not in (said := capsys.readouterr().err)
    assert "ValueError" in said
