"""The limits of a window: when it overflows, and where a fold ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from motorhead.config import FoldSettings
from motorhead.folding.window import cut_of, is_due, overflows
from motorhead.messages import Message, weigh
from motorhead.store.state import State

ROLES = {"h": "Human", "a": "AI", "A": "Assistant", "t": "tool"}


def messages(roles: str, sizes: list[int] | None = None) -> list[Message]:
    """Messages of these roles, numbered from 1."""
    return [
        Message(ROLES[role], "x" * (sizes[place] if sizes else 0), str(place + 1), 0)
        for place, role in enumerate(roles)
    ]


def state_of(said: list[Message], folded: int = 0) -> State:
    """The state of a session that consists of these messages."""
    weights = [weigh(message.content) for message in said]
    return State(
        epoch="e", last=len(said), folded=folded, context_version=0, fold_version=0, context=None, tokens=0,
        folded_at=None, reason=None, parked=False, kept_from=1,
        weight=sum(weights), folded_weight=sum(weights[:folded]),
    )  # fmt: skip


def cut(said: list[Message], limits: FoldSettings, folded: int = 0) -> int:
    """The cut, found with those messages that a fold reads."""
    first = max(folded, len(said) - limits.keep - 1)
    return cut_of(said[first:], state_of(said, folded), limits)


@pytest.mark.parametrize(
    ("roles", "size", "stays"),
    [
        ("hahahahahahaha", 12, 6),  # pairs, and half of the window is even
        ("hahahahahaha", 10, 6),  # half is odd: the question stays with its answer
        ("hahahahahahah", 12, 7),  # the same with a question that has no answer yet
        ("hahA", 3, 2),  # the answer alone would stay
        ("hahahhha", 6, 3),  # several questions in a row
        ("hahaaaaaha", 8, 2),  # several answers: the nearest question
        ("hthaha", 4, 2),  # a tool's message is no answer of the model
        ("ha", 1, 1),  # a window of one message
        ("aaaaa", 4, 2),  # a session without questions
        ("aahh", 3, 1),
    ],
)
def test_an_answer_stays_with_its_question(roles: str, size: int, stays: int) -> None:
    """About half of a window stays, and it begins with a question where the messages and its limit allow."""
    said = messages(roles)
    assert len(said) - cut(said, FoldSettings(window_size=size)) == stays


@pytest.mark.parametrize(
    ("roles", "sizes", "tokens", "stays"),
    [
        ("haha", [0, 0, 0, 400], 200, 2),  # the answer alone exceeds half: its question stays, too
        ("haha", [0, 0, 400, 1000], 300, 1),  # both exceed the window: they are parted
        ("hahaha", [0, 0, 400, 200, 0, 0], 130, 2),  # the question does not fit: its answer is folded with it
        ("haha", [0, 0, 0, 2000], 300, 0),  # the answer alone exceeds the window
        ("haha", [0, 0, 0, 0], 250, 4),  # all fit
    ],
)
def test_a_window_in_tokens_parts_only_what_exceeds_it(roles: str, sizes: list[int], tokens: int, stays: int) -> None:
    """A question that fits into the window stays with its answer; otherwise both are folded, if another stays."""
    said = messages(roles, sizes)
    limits = FoldSettings(window_size=12, window_tokens=tokens)
    assert len(said) - cut(said, limits) == stays


def test_a_fold_on_demand_folds_something() -> None:
    """If the nearest question is the first message above the watermark, the pair is folded."""
    said = messages("hahahaha")
    assert cut(said, FoldSettings(window_size=14)) == 2


def test_messages_that_are_not_there_do_not_count() -> None:
    """A withdrawn or damaged message is folded around; if none of the newest can be read, half of the numbers stay."""
    said = messages("hahahahahahah")
    limits, state = FoldSettings(window_size=12), state_of(said)
    assert cut_of([said[4], said[6], *said[8:]], state, limits) == 5
    assert cut_of([said[5], said[6]], state, limits) == 6
    assert cut_of([], state, limits) == 7


def test_nothing_is_left_to_fold_where_everything_was_withdrawn() -> None:
    """The cut is then the watermark."""
    said = messages("haha")
    limits, state = FoldSettings(window_size=12), state_of(said)
    state.gaps = len(said)
    assert cut_of([], state, limits) == state.folded


@settings(deadline=None)
@given(
    st.text(alphabet="haA", min_size=1, max_size=30),
    st.integers(min_value=1, max_value=14),
    st.integers(min_value=0, max_value=80),
    st.data(),
)
def test_a_due_fold_makes_the_window_fit(roles: str, size: int, tokens: int, data: st.DataObject) -> None:
    """Whatever was said: a fold that is due folds something, and what stays fits.

    That is nothing only if the newest message alone exceeds the window.
    """
    sizes = data.draw(st.lists(st.integers(0, 100), min_size=len(roles), max_size=len(roles)))
    said, limits = messages(roles, sizes), FoldSettings(window_size=size, window_tokens=tokens)
    if is_due(state_of(said), limits):
        end = cut(said, limits)
        assert 0 < end <= len(said)
        assert (end == len(said)) == overflows(1, weigh(said[-1].content), limits)
        assert not overflows(len(said) - end, sum(weigh(each.content) for each in said[end:]), limits)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=20), st.integers(min_value=2, max_value=20), st.booleans())
def test_pairs_are_never_parted(pairs: int, size: int, begun: bool) -> None:
    """Whatever the size of a window of two or more, a session of pairs is cut between them."""
    said = messages("ha" * pairs + "h" * begun)
    if is_due(state_of(said), FoldSettings(window_size=size)):
        assert cut(said, FoldSettings(window_size=size)) % 2 == 0
