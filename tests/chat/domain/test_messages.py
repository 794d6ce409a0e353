"""Messages and memories."""

from __future__ import annotations

import pytest

from chat.domain.messages import Memory, Message, Role, Window


def test_roles_are_the_words_of_the_wire() -> None:
    """The chat writes these two."""
    assert [str(role) for role in Role] == ["Human", "AI"]


@pytest.mark.parametrize("role", ["AI", "ai", "assistant", "Assistant", "bot", "MODEL", " ai "])
def test_the_model_has_many_names(role: str) -> None:
    """Whatever name a client has given to the model, the message is a reply."""
    assert Message(role, "").is_reply
    assert Message(role, "").speaker == "AI"


@pytest.mark.parametrize("role", ["Human", "human", "user", "system", ""])
def test_every_other_role_is_the_users(role: str) -> None:
    """Motörhead's clients treat every role except the model's as the user's."""
    assert not Message(role, "").is_reply
    assert Message(role, "").speaker == role


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
