"""The memory shown on a page, and the swaps to the next one."""

from __future__ import annotations

import pytest

from chat.domain.messages import Memory, Message, Role, Window
from chat.domain.session_ids import owned_session
from chat.page import fragments
from chat.page.screen.shown_memory import MOST_MOVED, ShownMemory, is_deletion, memory_changes, newly_folded
from tests.support.html import parse, places

SESSION = owned_session("owner", "s")
#: The summary, unless somebody is editing it.
STALE = "#summary:not(:has(#summary-form))"


def memory(*ids: str | None, folded: int = 0, etag: str | None = None, epoch: str | None = None) -> Memory:
    """A memory whose window holds messages with these ids."""
    said = tuple(Message(Role.HUMAN, f"words of {name}", name) for name in ids)
    return Memory(said, None, 0, Window(12, folded), epoch, etag)


def shown(*ids: str | None, folded: int = 0) -> ShownMemory:
    return ShownMemory.of(memory(*ids, folded=folded))


def test_no_text_of_a_memory_is_kept():
    """Ids, counts and an etag identify what the page shows."""
    assert "words" not in repr(shown("1", "2", folded=3))
    assert shown("1", "2").newest == "2"


@pytest.mark.parametrize(("one", "other", "same"), [("a", "a", True), ("a", "b", False), (None, None, False)])
def test_an_etag_identifies_a_memory(one, other, same):
    """Without one, as on the original server, every memory may be another."""
    assert ShownMemory.of(memory(etag=one)).is_of(memory(etag=other)) is same


@pytest.mark.parametrize(
    ("before", "now", "count"),
    [
        (None, memory("3", folded=2), 0),  # the page was loaded with it
        (shown("1", "2", "3"), memory("1", "2", "3"), 0),
        (shown("1", "2", "3"), memory("3", folded=2), 2),
        (shown("3", folded=2), memory("1", "2", "3"), 0),  # restored to an older summary
        (shown("1", "2"), memory(folded=2), 2),  # the answer alone exceeded the window
        (shown(None), memory(None, folded=2), 0),  # the original
        (shown("1"), memory("x", folded=MOST_MOVED), MOST_MOVED),
        (shown("1"), memory("x", folded=MOST_MOVED + 1), 0),
    ],
)
def test_newly_folded_messages_stay_visible_where_possible(before, now, count):
    """A page that showed them in the window keeps them, up to a limit; otherwise they are behind the button."""
    assert newly_folded(before, now) == count


@pytest.mark.parametrize(
    ("before", "now", "deleted", "added"),
    [
        (("1", "2"), ("1", "2"), [], []),
        (("1", "2"), ("1", "2", "3"), [], ["3"]),
        (("1", "2", "3"), ("3",), ["1", "2"], []),
        (("1", "2"), ("2", "3", "4"), ["1"], ["3", "4"]),
        (("1", "2", "3", "4"), ("1", "2", "5", "6"), ["3", "4"], ["5", "6"]),  # replaced
        (("1", "2", "3", "4"), ("3", "7"), ["1", "2", "4"], ["7"]),  # folded at its beginning, replaced at its end
        (("1", "2"), ("7", "8"), ["1", "2"], ["7", "8"]),
        (("1", "2", "3"), ("2",), ["1", "3"], []),
    ],
)
def test_a_window_changes_by_what_is_gone_and_what_is_new(before, now, deleted, added):
    """A reader's place, and what they have selected, stay."""
    there = places(memory_changes(SESSION, shown(*before), memory(*now), None))
    gone = [place for place in there if place.startswith("#window [")]
    assert gone == [f'#window [id="message-{name}"]' for name in deleted]
    put = there["#window"].all("li") if "#window" in there else []
    assert [item.attributes["id"] for item in put] == [f"message-{name}" for name in added]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, ("1",)),  # unknown what the page was loaded with
        ((), ("1",)),
        (("3", "4"), ("1", "2", "3", "4")),  # longer at its beginning: an earlier summary was restored
        (("1", "2"), ("2", None)),
        ((None,), (None, None)),
        (("1",), ()),
    ],
)
def test_a_window_is_replaced_if_its_changes_are_unknown(before, now):
    """This is so without ids, and for a window with other messages."""
    swaps = memory_changes(SESSION, None if before is None else shown(*before), memory(*now), None)
    assert swaps[-1:] == fragments.window(memory(*now))


def test_a_session_that_began_again_has_other_messages_under_the_same_ids():
    """Its window is replaced as a whole."""
    before = ShownMemory.of(memory("1", "2", epoch="e1"))
    now = memory("1", "2", epoch="e2")
    assert memory_changes(SESSION, before, now, None)[-1:] == fragments.window(now)


def test_newly_folded_messages_move_above_the_window():
    """The panel changes first, then the section above the window, then the window."""
    moved = memory("1", "2").messages
    swaps = memory_changes(SESSION, shown("1", "2", "3"), memory("3", folded=2), moved)
    assert list(places(swaps)) == [STALE, "#verbs", "#figures", "#earlier-list", "#fold-mark", *places(swaps[3:])]
    assert len(parse(swaps[1]).all("li")) == 2
    closed = list(places(memory_changes(SESSION, shown("1", "2", "3"), memory("3", folded=2), None)))
    assert closed[3] == '#earlier:not(:has(#fold-mark[data-folded="2"]))'


@pytest.mark.parametrize(
    ("before", "now", "deleted"),
    [
        (None, shown(), False),  # a new session
        (shown(), shown(), False),
        (shown("1"), shown("1"), False),
        (shown("1"), shown(), True),
        (shown(folded=4), shown(), True),
    ],
)
def test_only_a_session_with_messages_can_be_deleted(before, now, deleted):
    """An empty memory of a new session is not a deletion."""
    assert is_deletion(before, now) is deleted
