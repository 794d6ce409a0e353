"""Sentences about mistakes in a request."""

from __future__ import annotations

from typing import Any

import pytest

from chat.api.v1.mistakes import OTHERWISE, WORDS, mistake
from chat.domain.exceptions import InvalidSession


def error(kind: str, *loc: str, **ctx: Any) -> dict[str, Any]:
    return {"type": kind, "loc": loc, "ctx": ctx}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (error("missing", "body", "body", "title"), "The field 'title' is missing."),
        (error("missing", "body", "body"), "The body is missing."),
        (error("too_long", "body", "body", "instead", max_length=100), "The field 'instead' has more than 100 items."),
        (error("string_type", "body", "body", "instead", "0", "text"), "The field 'instead.0.text' must be text."),
        (error("less_than_equal", "query", "limit", le=1000), "'limit' in the query must be at most 1,000."),
        (error("string_too_long", "header", "If-Match", max_length=9), "'If-Match' in the header has more than 9 ch"),
        (error("something_new", "path", "turn_id"), f"'turn_id' in the path {OTHERWISE}."),
    ],
)
def test_a_mistake_is_named_with_its_place(found: dict[str, Any], said: str):
    """In words, not in pydantic's."""
    assert str(mistake([found])).startswith(said)


def test_the_first_of_several_is_named():
    """And how many there are besides."""
    found = error("missing", "body", "body", "a")
    assert " There are 2 more mistakes. " in str(mistake([found] * 3))


def test_a_malformed_id_has_a_code_of_its_own():
    """That of the websocket."""
    assert isinstance(mistake([error("string_pattern_mismatch", "path", "session_id")]), InvalidSession)


def test_all_words_end_a_sentence():
    """They follow the place, and a full stop follows them."""
    assert not [words for words in WORDS.values() if words.endswith(".") or words[0].isupper()]
