"""Checks of messages and turn ids."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import InvalidText, InvalidTurn
from chat.turns.validation import check_text, check_turn_id


@pytest.mark.parametrize("text", ["", "  \n\t ", "x" * 101, "half \ud83d"])
def test_bad_text_is_refused_with_a_sentence(text: str) -> None:
    """Empty, blank and overlong text and half characters are refused with a sentence."""
    with pytest.raises(InvalidText, match=r"\.$"):
        check_text(text, 100)


@pytest.mark.parametrize("turn_id", ["", "a b", "x" * 129, "a/b"])
def test_a_malformed_turn_id_is_refused(turn_id: str) -> None:
    """Malformed turn ids, which could not be used in keys and headers, are refused."""
    with pytest.raises(InvalidTurn):
        check_turn_id(turn_id)
