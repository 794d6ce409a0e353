"""New lines in a session that was imported before: found only where their place is certain."""

from __future__ import annotations

import pytest

from motorhead.tools.imported import SAFE, TAIL, Imported
from motorhead.tools.original import OldSession


def session(lines: str, context: str | None = None) -> OldSession:
    """A session whose lines are the letters of ``lines``, oldest first."""
    return OldSession([letter.encode() for letter in lines], context, 0, [], [])


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ("abcdef", "abcdef", ""),  # nothing happened
        ("abcdef", "abcdefgh", "gh"),  # it grew
        ("", "ab", "ab"),  # it had only a summary
        ("abcdef", "cdefgh", "gh"),  # it was folded and grew
        ("abcdef", "cdef", ""),  # it was folded
        ("abcdef", "defgh", None),  # too few of its lines are left
        ("abcdef", "uvwxyz", None),  # no line is left
        ("abcdef", "", None),
        ("abcdef", "abXdef", None),  # it was rewritten
        ("aaaaaaaa", "aaaaaa", None),  # equal lines, which may be new or old
        ("xaaaaa", "aaaaaab", None),
        ("abababab", "abababX", None),
        ("aaaa", "aaaaaa", "aa"),  # but a list that was never folded only grows
    ],
)
def test_new_lines_are_found_only_where_their_place_is_certain(before: str, now: str, new: str | None) -> None:
    """The lines after the imported ones are new, if the imported ones are found with certainty."""
    place = Imported.of(session(before), 0).new_from(session(now))
    assert (None if place is None else now[place:]) == new


def test_only_the_end_of_a_long_session_is_remembered() -> None:
    """The end of a session is found again, however long it was."""
    before = [b"%d" % number for number in range(1000)]
    imported = Imported.of(OldSession(before, None, 0, [], []), 1000)
    assert len(imported.tail) == TAIL
    for kept in (SAFE, TAIL):
        now = OldSession([*before[-kept:], b"new"], None, 0, [], [])
        assert (imported.new_from(now), imported.was_folded(now)) == (kept, True)


def test_a_changed_summary_is_noticed() -> None:
    """A different or additional summary is not the imported one."""
    imported = Imported.of(session("ab", "So far."), 2)
    assert imported.has_context_of(session("abc", "So far."))
    assert not imported.has_context_of(session("ab", "Else."))
    assert not imported.has_context_of(session("ab"))
