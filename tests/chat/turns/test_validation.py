"""What is refused as a message or a turn's id."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import InvalidText, InvalidTurn
from chat.turns.validation import check_text, check_turn_id


@pytest.mark.parametrize("text", ["", "  \n\t ", "x" * 101, "half \ud83d"])
def test_bad_text_is_refused_with_a_sentence(text: str) -> None:
    """Empty, blank, too long, and half characters."""
    with pytest.raises(InvalidText, match=r"\.$"):
        check_text(text, 100)


@pytest.mark.parametrize("turn_id", ["", "a b", "x" * 129, "a/b"])
def test_a_malformed_turn_id_is_refused(turn_id: str) -> None:
    """Turn ids become part of keys and headers."""
    with pytest.raises(InvalidTurn):
        check_turn_id(turn_id)
