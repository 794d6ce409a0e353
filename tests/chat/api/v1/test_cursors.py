"""Opaque cursors."""

from __future__ import annotations

import pytest

from chat.api.v1.cursors import cursor_of, place_in
from chat.domain.exceptions import InvalidRequest


def test_a_place_comes_back():
    """Through an address, without escapes."""
    cursor = cursor_of((True, 1.5, "é/?"))
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert place_in(cursor, tuple[bool, float, str]) == (True, 1.5, "é/?")


@pytest.mark.parametrize("cursor", ["", "x", "é", "====", cursor_of("another list's"), cursor_of(None)])
def test_anything_else_is_refused(cursor: str):
    """Whatever it is."""
    with pytest.raises(InvalidRequest):
        place_in(cursor, tuple[bool, float, str])
