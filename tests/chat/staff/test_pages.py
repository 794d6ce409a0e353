"""Memory ids in the admin's addresses and forms."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.staff.pages import printable, quote_id, read_id

#: Everything that JSON can carry: no half of a surrogate pair.
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(deadline=None)
@given(IDS)
@example("..")
@example("_2E")
@example("_5F2E\r\n")
def test_a_quoted_id_names_the_same_session(memory_id: str) -> None:
    """Whatever the id holds, it is read back as it was, and is one segment of a path that stays where it is."""
    quoted = quote_id(memory_id)
    assert read_id(quoted) == memory_id
    assert not {"/", "?", "#", "%", "\r", "\n", '"'} & set(quoted)
    assert quoted not in {"", ".", ".."}


@settings(deadline=None)
@given(IDS, IDS)
def test_two_ids_never_share_an_address(one: str, other: str) -> None:
    """Nobody deletes another session than the one that was opened."""
    assert (quote(quote_id(one)) == quote(quote_id(other))) == (one == other)


@pytest.mark.parametrize(
    ("memory_id", "shown"),
    [
        ("owner.session-1", "owner.session-1"),
        ("Möt 日本", "Möt 日本"),
        ("a\u202eb\n", "a\\u202eb\\n"),
        ("\x00", "\\x00"),
    ],
)
def test_what_would_deceive_the_eye_is_shown_as_an_escape(memory_id: str, shown: str) -> None:
    """Letters of any script stay; what is invisible or turns the writing around is spelt out."""
    assert printable(memory_id) == shown
