"""The shapes of requests and answers, and their stored form."""

from __future__ import annotations

import msgspec
import pytest

from motorhead.http.answers import is_readable
from motorhead.messages import (
    TITLE_LENGTH,
    FoldedRange,
    NewMessage,
    open_message,
    open_version,
    read_message,
    read_version,
    title_of,
    weigh,
)


def test_a_stored_message_is_closed_by_its_number_and_time() -> None:
    """The script's addition completes an open message to the object that clients read, whatever its text."""
    stored = open_message(NewMessage("AI", 'He said "}"\n🤘')) + b',"id":"7","created_at":5}'
    message = read_message(stored)
    assert message is not None
    assert (message.role, message.content, message.number, message.created_at) == ("AI", 'He said "}"\n🤘', 7, 5)


@pytest.mark.parametrize(("key", "kept"), [('t"1', 't"1'), ("", msgspec.UNSET)])
def test_a_stored_message_names_the_key_of_its_append(key: str, kept: object) -> None:
    """Without a key it has no such field."""
    message = read_message(open_message(NewMessage("AI", "hi"), key) + b',"id":"7","created_at":5}')
    assert message is not None
    assert message.key == kept


def test_a_stored_version_is_closed_like_a_message() -> None:
    """A version names the folded messages as the protocol does."""
    opened = open_version("So far.", "fold", FoldedRange("1", "7", 7), 12)
    stored = opened + b',"through":"7","weight":30,"version":2,"created_at":5}'
    version = read_version(stored)
    assert version is not None
    assert (version.context, version.tokens, version.weight, version.through) == ("So far.", 12, 30, "7")
    assert msgspec.json.decode(stored)["folded"] == {"from": "1", "to": "7", "count": 7}


@pytest.mark.parametrize(
    "blob", [b"", b"{", b"[]", b'{"role":"x"}', b'{"role":"\xff","content":"","id":"1","created_at":1}', b"[" * 100_000]
)
def test_what_is_damaged_is_none(blob: bytes) -> None:
    """Bytes that are not JSON, not a message, not UTF-8 or too deeply nested are read as None."""
    assert read_message(blob) is None
    assert read_version(blob) is None
    assert not is_readable(b'{"messages":[' + blob + b"]}" if blob else b"")


@pytest.mark.parametrize("through", ["x", "-1", "٣"])
def test_a_version_that_goes_through_no_number_is_damaged(through: str) -> None:
    """Calculations use ``through``, so it has to be a number."""
    stored = open_version("So far.", "client") + f',"through":"{through}","version":1,"created_at":5}}'.encode()
    assert read_version(stored) is None


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("  hi   im\nbob ", "hi im bob"),
        ("", ""),
        ("x" * TITLE_LENGTH, "x" * TITLE_LENGTH),
        ("word " * 13, "word " * 11 + "word…"),
        ("x" * 100, "x" * TITLE_LENGTH + "…"),
    ],
)
def test_a_title_is_the_first_words(content: str, title: str) -> None:
    """White space is collapsed, and a long title is cut between words where possible."""
    assert title_of([NewMessage("Human", content), NewMessage("AI", "never")]) == title


def test_without_messages_there_is_no_title() -> None:
    """Without messages the title is empty."""
    assert title_of([]) == ""


def test_a_message_weighs_about_its_tokens() -> None:
    """The weight is a quarter of the characters, and a little for the frame."""
    assert [weigh(text) for text in ("", "four", "x" * 400)] == [4, 5, 104]
