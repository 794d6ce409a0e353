"""A text that is replayed: each character is new once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from chat_client.passage import Contradicted, Passage


@given(st.text(max_size=20), st.lists(st.lists(st.integers(0, 20), max_size=4), max_size=4))
def test_however_it_is_cut_and_replayed_each_character_is_new_once(text: str, replays: list[list[int]]) -> None:
    """Every replay is cut into other pieces and ends elsewhere; the last one is whole."""
    passage, new = Passage(), ""
    for cuts in [*replays, [len(text)]]:
        passage.replay()
        for start, end in pairwise(sorted({0, *(min(cut, len(text)) for cut in cuts)})):
            new += passage.add(text[start:end])
    assert new == text == passage.text
    assert passage.is_whole


def test_another_text_contradicts_and_changes_nothing() -> None:
    """What has been replayed so far can be had, to go on from there."""
    passage = Passage()
    passage.add("half an")
    passage.replay()
    assert passage.add("half ") == ""
    with pytest.raises(Contradicted):
        passage.add("of")
    assert not passage.is_whole
    assert passage.restart() == "half "
    assert passage.add("of it") == "of it"
    assert (passage.text, passage.is_whole) == ("half of it", True)
