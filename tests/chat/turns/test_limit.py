"""What a process learns about how much the model can read."""

from __future__ import annotations

from chat.turns.limit import MOST_SESSIONS, REMEMBERED, ModelLimit, room_for_prompt, smaller


def test_nothing_is_limited_until_the_model_has_refused() -> None:
    """Without a lesson the operator's budget holds; with one, the smaller of the two."""
    limit = ModelLimit()
    assert limit.within(12_000, "s") == 12_000
    limit.learn(3072)
    assert limit.within(12_000, "s") == 3072
    assert limit.within(1000, "s") == 1000


def test_a_lesson_is_forgotten_after_an_hour() -> None:
    """A model that was given a longer context meanwhile is asked for it again."""
    now = 0.0
    limit = ModelLimit(clock=lambda: now)
    limit.learn(3072)
    now = REMEMBERED - 1
    assert limit.within(12_000, "s") == 3072
    now = REMEMBERED
    assert limit.within(12_000, "s") == 12_000


def test_a_limit_found_by_trying_is_the_sessions_own() -> None:
    """Its text may have more tokens than it seems to; other sessions keep the limit that the model has named."""
    now = 0.0
    limit = ModelLimit(clock=lambda: now)
    limit.learn(3072)
    limit.find(700, "dense")
    assert limit.within(12_000, "dense") == 700
    assert limit.within(12_000, "s") == 3072
    now = REMEMBERED
    assert limit.within(12_000, "dense") == 12_000


def test_the_limits_of_sessions_are_bounded_in_number() -> None:
    """The one found longest ago is dropped first."""
    limit = ModelLimit()
    for number in (*range(MOST_SESSIONS), 0, MOST_SESSIONS):
        limit.find(700, str(number))
    assert limit.within(12_000, "1") == 12_000
    assert [limit.within(12_000, each) for each in ("0", "2", str(MOST_SESSIONS))] == [700] * 3


def test_a_part_of_the_context_is_left_to_the_answer() -> None:
    """A quarter of a short context, and about two thousand tokens of a long one."""
    assert room_for_prompt(4096) == 3072
    assert room_for_prompt(128_000) == 125_952


def test_a_smaller_budget_follows_the_models_limit_or_halves_the_prompt() -> None:
    """A limit that the estimate is within says that the estimate is wrong."""
    assert smaller(10_000, 4096) == 3072
    assert smaller(10_000, None) == 5000
    assert smaller(3000, 4096) == 1500
