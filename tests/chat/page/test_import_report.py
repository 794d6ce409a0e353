"""What an import has done, in sentences."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from chat.domain.exceptions import ChatError, InvalidImport, MemoryUnreachable
from chat.page.import_report import MOST_REFUSED, report_lines
from chat.sessions.importable import LeftOut
from chat.sessions.imports import ImportReport


@pytest.mark.parametrize(
    ("report", "lines"),
    [
        ({"sessions": 3, "messages": 1}, ["Imported: 3 sessions with 1 message."]),
        (
            {"sessions": 1, "messages": 2, "here": 2},
            ["Imported: 1 session with 2 messages.", "2 sessions were here already."],
        ),
        ({"here": 1}, ["1 session was here already."]),
        ({}, ["Imported: 0 sessions with 0 messages."]),
        (
            {"here": 1, "waiting": 7},
            ["1 session was here already.", "7 more sessions are in the file. Choose it again to go on."],
        ),
    ],
)  # fmt: skip
def test_the_first_line_says_what_was_taken(report: dict[str, Any], lines: list[str]) -> None:
    """What is here already is said, too."""
    assert report_lines(ImportReport(9, **report)) == lines


def test_an_outage_says_how_to_go_on() -> None:
    """With its own sentence."""
    report = ImportReport(9, sessions=1, messages=1, stopped=MemoryUnreachable())
    assert report_lines(report)[1] == (
        "The import has stopped: Memory is unreachable. Try again in a moment. Choose the same file again to go on."
    )


def test_refused_sessions_are_named() -> None:
    """On one line each, and not all of many."""
    refused: list[tuple[str, ChatError]] = [
        ("Two\nlines" * 20, InvalidImport("continued")),
        ("", InvalidImport("continued")),
    ] * MOST_REFUSED
    _, first, second, *_, last = report_lines(ImportReport(9, refused=refused))
    assert first.startswith("Not imported: “Two lines")
    assert first.endswith("import it again.")
    assert second.startswith("Not imported: “A session without a title”. It was continued")
    assert last == "20 more were not imported."


@pytest.mark.parametrize("kind", LeftOut)
def test_everything_left_out_is_counted_in_words(kind: LeftOut) -> None:
    """In the singular and in the plural."""
    one, many = (report_lines(ImportReport(1, left_out=Counter({kind: count})))[-1] for count in (1, 23))
    assert "1 " in one
    assert "23 " in many
    assert one.endswith(".")
    assert many.endswith(".")
    assert one.replace("1 ", "23 ") != many
