"""What a process learns about how much the model can read."""

from __future__ import annotations

from chat.turns.limit import REMEMBERED, ModelLimit, room_for_prompt, smaller


def test_nothing_is_limited_until_the_model_has_refused() -> None:
    """Without a lesson the operator's budget holds; with one, the smaller of the two."""
    limit = ModelLimit()
    assert limit.within(12_000) == 12_000
    limit.learn(3072)
    assert limit.within(12_000) == 3072
    assert limit.within(1000) == 1000


def test_a_lesson_is_forgotten_after_an_hour() -> None:
    """A model that was given a longer context meanwhile is asked for it again."""
    now = 0.0
    limit = ModelLimit(clock=lambda: now)
    limit.learn(3072)
    now = REMEMBERED - 1
    assert limit.within(12_000) == 3072
    now = REMEMBERED
    assert limit.within(12_000) == 12_000


def test_a_part_of_the_context_is_left_to_the_answer() -> None:
    """A quarter of a short context, and about two thousand tokens of a long one."""
    assert room_for_prompt(4096) == 3072
    assert room_for_prompt(128_000) == 125_952


def test_a_smaller_budget_follows_the_models_limit_or_halves_the_prompt() -> None:
    """A limit that the estimate is within says that the estimate is wrong."""
    assert smaller(10_000, 4096) == 3072
    assert smaller(10_000, None) == 5000
    assert smaller(3000, 4096) == 1500
