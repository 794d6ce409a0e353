"""The tables of docs/security.md: who may do what."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.servers import REPOSITORY

SECURITY = REPOSITORY / "docs" / "security.md"


def rows_of(kind: str, columns: Sequence[str]) -> dict[str, list[str]]:
    """The cells of each row in the table whose first column is called ``kind``, after a check of its other columns."""
    lines = SECURITY.read_text().splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {kind} |"))
    end = next((place for place in range(start, len(lines)) if not lines[place].startswith("|")), len(lines))
    assert _cells(lines[start])[1:] == list(columns)
    return {name.strip("`"): cells for name, *cells in map(_cells, lines[start + 2 : end])}


def _cells(line: str) -> list[str]:
    return line.strip("| ").split(" | ")
