"""Reading an export of this program."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from chat.domain.exceptions import InvalidImport
from chat.sessions.import_own import LONGEST_ROLE, read_own
from chat.sessions.importable import LONG_AGO, ImportableSession, LeftOut


def file_of(*sessions: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"format": "motorhead-chat", "version": 1, "sessions": sessions, **more}).encode()


def messages(*numbers: int | None) -> list[dict[str, Any]]:
    return [{"id": n and str(n), "role": "Human", "text": f"m{n}", "at": None} for n in numbers]


def read(session: dict[str, Any]) -> ImportableSession:
    (found,) = read_own(file_of(session)).sessions
    return found


@pytest.mark.parametrize(
    ("session", "covered"),
    [
        ({"messages": messages(1, 2, 5, 6), "summary": {"text": "s", "through": "5"}}, 3),
        ({"messages": messages(1, 2), "summary": {"text": "s", "through": "0"}}, 0),
        ({"messages": messages(3, 4), "summary": {"text": "s"}, "versions": [{"through": "3"}, {"through": "1"}]}, 1),
        ({"messages": messages(None, None), "summary": {"text": "s", "through": None}}, 0),
        ({"messages": messages(1, 2), "summary": {"text": " ", "through": "2"}}, 0),
        ({"messages": messages(1, 2), "summary": None}, 0),
        ({"messages": messages(1), "summary": {"text": "s", "through": "9" * 99}}, 0),
    ],
)
def test_the_summary_covers_messages_up_to_its_end(session: dict[str, Any], covered: int) -> None:
    """Ids have gaps, and may begin anywhere. An export from the original has only what its summary does not cover."""
    assert read(session).covered == covered


def test_details_are_read() -> None:
    """All of them, with the id of the session and that of its newest message."""
    found = read(
        {
            "id": "s1", "title": "Trip", "pinned": True, "labels": ["a"], "instructions": "Be brief.",
            "updated_at": "2026-01-02T03:04:05+00:00", "messages": messages(1, 4), "unknown": 1,
        }
    )  # fmt: skip
    assert (found.title, found.pinned, found.labels, found.instructions) == ("Trip", True, ("a",), "Be brief.")
    assert (found.id, found.last, found.updated_at.year) == ("s1", "4", 2026)


def test_sessions_are_oldest_first() -> None:
    """One without a time, or without its offset, is the oldest; one without anything is left out."""
    found = read_own(
        file_of(
            {"id": "new", "updated_at": "2026-01-02T03:04:05Z", "messages": messages(1)},
            {"id": "old", "updated_at": "2026-01-02T03:04:05", "messages": messages(1)},
            {"id": "empty", "messages": []},
            {"id": "blank", "messages": [], "summary": {"text": " "}},
            {"id": "summary", "messages": [], "summary": {"text": "s"}, "versions": [{}, {}, {}]},
        )
    )
    assert [each.id for each in found.sessions] == ["old", "summary", "new"]
    assert found.sessions[0].updated_at == LONG_AGO
    assert found.left_out == {LeftOut.VERSIONS: 2}


def test_a_role_is_bounded() -> None:
    """Others than the two usual ones are kept."""
    found = read({"messages": [{"role": "x" * 100, "text": "a"}, {"role": "system", "text": ""}]})
    assert [message.role for message in found.messages] == ["x" * LONGEST_ROLE, "system"]


@pytest.mark.parametrize("more", [{"version": 2}, {"format": "other"}])
def test_other_formats_and_versions_are_refused(more: dict[str, Any]) -> None:
    """With a sentence."""
    with pytest.raises(InvalidImport):
        read_own(file_of({"messages": messages(1)}, **more))


def test_a_session_that_is_not_understood_does_not_hold_up_the_others() -> None:
    """It is counted."""
    found = read_own(
        file_of({"messages": messages(1), "updated_at": "yesterday"}, {"id": "a", "messages": messages(1)})
    )
    assert [each.id for each in found.sessions] == ["a"]
    assert found.left_out == {LeftOut.UNREADABLE: 1}


def test_another_shape_is_refused() -> None:
    """With the place in the file."""
    with pytest.raises(msgspec.ValidationError, match="text"):
        read_own(file_of({"messages": [{"role": "Human"}]}))
