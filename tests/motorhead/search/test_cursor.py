"""The place where a search continues."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from motorhead.exceptions import BadRequest
from motorhead.search.cursor import Cursor, read_cursor


@given(st.binary(), st.integers(0, 2**53), st.binary(min_size=1), st.integers(-1, 2**53))
def test_a_cursor_comes_back_as_it_was(namespace: bytes, updated: int, session: bytes, before: int):
    """As text it is safe in a URL."""
    cursor = Cursor(namespace, updated, session, before, updated + 1, 2)
    assert read_cursor(str(cursor)) == cursor
    assert str(cursor).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", ["x", "é", "[]", "WzFd", "a" * 1001, "W10", "bnVsbA"])
def test_another_text_is_refused(text: str):
    """The sentence says what to do."""
    with pytest.raises(BadRequest, match="search again"):
        read_cursor(text)
