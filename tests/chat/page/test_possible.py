"""What can be done to a memory, and why something cannot."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from chat.domain.messages import FoldState, Memory, Message, Role, Window
from chat.page.possible import HALF, NOTHING, OFF, Possible, possible
from tests.support.servers import REPOSITORY

SAID = (Message(Role.HUMAN, "a", "1"),)


@pytest.mark.parametrize(
    ("memory", "able"),
    [
        (Memory(SAID * 7, None, 0, Window(12, fold=FoldState.IDLE)), Possible()),
        (Memory(SAID * 6, None, 0, Window(12, fold=FoldState.IDLE)), Possible(no_half=HALF)),
        (Memory(SAID * 13, None, 0, Window(12, fold=FoldState.PARKED)), Possible()),
        (Memory((), "a", 0, Window(12, 2, fold=FoldState.IDLE)), Possible(no_half=HALF)),
        (Memory(SAID, None, 0, Window(12, fold=FoldState.OFF)), Possible(no_fold=OFF, no_half=OFF)),
        (Memory((), None, 0, Window(12, fold=FoldState.IDLE)), Possible(*[NOTHING] * 5)),
    ],
)
def test_a_verb_that_is_not_possible_has_a_reason(memory, able):
    """Folding needs a window that is more than half full, and a server that folds; everything else needs a memory."""
    assert possible(memory) == able


def test_the_original_server_has_no_verbs():
    """Each is grey with a sentence of its own, which the documentation has, too."""
    able = astuple(possible(Memory(SAID, None, 0, Window(12))))
    assert len(set(able)) == len(able)
    documented = (REPOSITORY / "docs" / "motorhead-protocol.md").read_text()
    assert [sentence for sentence in able if f" {sentence} |" not in documented] == []
