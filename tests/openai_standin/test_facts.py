"""Which sentences a summary gives up first."""

from __future__ import annotations

import pytest

from openai_standin.ranks import Rank
from openai_standin.statements import statements


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("hi im bob", Rank.NAME),
        ("my passport number is 4471", Rank.IDENTITY),
        ("the number of the locker is twelve", Rank.IDENTITY),
        ("our wifi password is xyz", Rank.IDENTITY),
        ("my favourite bird isn't the owl, it's the wren", Rank.IDENTITY),
        ("our daughter is allergic to nuts", Rank.IDENTITY),
        ("my car is red", Rank.DETAIL),
        ("my car is number 12", Rank.DETAIL),
        ("my car isn't red", Rank.DETAIL),
        ("dinner is at 7", Rank.DETAIL),
        ("the train leaves from platform 7", Rank.DETAIL),
        ("lunch on tuesday", Rank.DETAIL),
        ("tickets for 30 euros", Rank.DETAIL),
        ("the trip goes to Madrid", Rank.DETAIL),
        ("we have pasta for dinner", Rank.STATEMENT),
        ("I am tired", Rank.STATEMENT),
        ("small talk number 3, nice weather", Rank.REMARK),
        ("number 3 in the list of remarks", Rank.REMARK),
        ("chatter about phone numbers and email", Rank.REMARK),
        ("remark #5 about clouds", Rank.REMARK),
    ],
)
def test_a_statement_has_the_rank_of_what_it_tells(text, rank):
    """A figure, or a word like *number*, counts where something is told with it, and not in passing."""
    assert statements(text)[-1].fact.rank == rank
