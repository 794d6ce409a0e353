"""Messages and memories."""

from __future__ import annotations

import pytest

from chat.domain.messages import Memory, Message, Role, Window


def test_roles_are_the_words_of_the_wire() -> None:
    """Every role except the model's is treated as the user's."""
    assert [str(role) for role in Role] == ["Human", "AI"]
    assert [Message(role, "").is_reply for role in ("Human", "AI", "system")] == [False, True, False]


@pytest.mark.parametrize(
    ("messages", "context", "folded", "empty"),
    [(0, None, 0, True), (1, None, 0, False), (0, "so far", 0, False), (0, None, 3, False)],
)
def test_a_memory_is_empty_when_nothing_is_left_of_anything(
    messages: int, context: str | None, folded: int, *, empty: bool
) -> None:
    """A memory with folded messages is not empty, even if no text of them is left."""
    memory = Memory((Message("Human", "hi"),) * messages, context, 0, Window(12, folded))
    assert memory.is_empty is empty
