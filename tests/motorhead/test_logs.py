"""Log lines: for people or machines, and without the messages of errors."""

from __future__ import annotations

import json
import logging
import sys

from motorhead.logs import JsonLines, TextLines

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
    """Time in UTC, level, logger and the whole message are on one line, whatever they contain."""
    line = JsonLines().format(record("Both\n%s", "ü"))
    assert "\n" not in line
    read = json.loads(line)
    assert (read["level"], read["logger"], read["message"]) == ("warning", "motorhead.x", "Both\nü")
    assert read["time"].endswith("+00:00")
    assert "trace" not in read


def test_a_line_for_a_person_says_when_how_bad_where_and_what() -> None:
    """A line of text has its parts in the usual order."""
    assert TextLines().format(record("It waits %d s.", 3)).endswith(" WARNING motorhead.x: It waits 3 s.")


def test_an_error_is_shown_by_its_place_and_type_alone() -> None:
    """An error's message may quote text of a session, so neither form repeats it."""
    lines = [TextLines().format(failing()), JsonLines().format(failing())]
    for line in lines:
        assert WORDS not in line
        assert "in failing" in line
        assert "ValueError" in line
    assert json.loads(lines[1])["trace"].endswith("ValueError")
