"""JSON as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from chat_client import NotUnderstood
from chat_client.shapes import read


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Tree:
    """Values of all kinds."""

    leaves: list[Leaf]
    at: datetime | None
    counts: dict[str, int]
    best: Leaf | None


FOUND: dict[str, Any] = {
    "leaves": [{"name": "a", "newer": 1}, {"name": None}],
    "at": "2026-01-02T03:04:05Z",
    "counts": {"b": 2},
    "best": None,
}


def test_fields_are_read_by_their_annotations() -> None:
    """Nested, in lists, with times; what a newer site adds is left out."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert read(Tree, {**FOUND, "newer": 1}) == Tree([Leaf("a"), Leaf(None)], at, {"b": 2}, None)
    assert read(Tree, {**FOUND, "at": None, "best": {"name": "c"}}).best == Leaf("c")


@pytest.mark.parametrize("wrong", [None, [], {}, {**FOUND, "leaves": 1}, {**FOUND, "at": "soon"}, {**FOUND, "best": 1}])
def test_what_does_not_fit_is_not_understood(wrong: Any) -> None:
    """With the name of the record."""
    with pytest.raises(NotUnderstood, match="Tree"):
        read(Tree, wrong)
