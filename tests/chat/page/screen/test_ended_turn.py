"""What remains of an ended turn on the page."""

from __future__ import annotations

import pytest

from chat.domain.events import MemoryLoaded, TextDelta, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.page import fragments
from chat.page.screen.ended_turn import circumstances, ended, ends_remembered
from chat.page.unsaved import Unsaved, read_unsaved
from tests.support.html import Element, places

STARTED = TurnStarted("t1", "hi", "web.1", 42)
CUT = TurnFinished("Hel", cut="length")


def left(event: TurnFinished | TurnStopped | TurnFailed) -> dict[str, Element]:
    return places(ended("owner.s", STARTED, event, "7"))


@pytest.mark.parametrize(
    ("event", "remembered"),
    [
        (TurnFinished("Hello"), True),
        (TurnStopped("Hel"), True),
        (TurnFinished("Hello", remembered=False), False),
        (TurnStopped("", remembered=False), False),
        (TurnFailed("c", "No.", True), False),
        (TextDelta("Hel"), False),
    ],
)
def test_a_remembered_turn_is_in_the_window(event, remembered):
    """A failed turn never is."""
    assert ends_remembered(event) is remembered


@pytest.mark.parametrize(
    ("event", "heard"),
    [(TurnFinished("Hello"), "The answer is complete."), (TurnStopped("Hel"), "Stopped."), (CUT, "")],
)
def test_a_remembered_turn_leaves_only_a_sentence(event, heard):
    """For an answer that was cut short it is a notice, otherwise a status."""
    there = left(event)
    assert there["#status"].text == heard
    assert ("cut short" in there["#notice"].text if "#notice" in there else False) is (event is CUT)
    assert not [place for place in there if place.startswith("#live")]


def test_a_turn_that_is_not_remembered_leaves_a_copy_to_save():
    """The copy includes its place in the session."""
    there = left(TurnStopped("Hel", remembered=False, reason="It was away.", epoch="e"))
    (button,) = [one for one in there['#live [data-turn="t1"]'].all("button") if "hx-vals" in one.attributes]
    signed = button.attributes["hx-vals"].split('"signed": "')[1].removesuffix('"}')
    assert read_unsaved(signed, "owner.s") == Unsaved("owner.s", "t1", "hi", "Hel", stopped=True, epoch="e", after="7")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (TurnFailed("c", "The model broke off.", True), "The model broke off."),
        (TurnStopped("", remembered=False), "You stopped it before the answer began."),
    ],
)
def test_a_failed_turn_leaves_a_retry_button(event, reason):
    """Each retry is a new turn."""
    one, other = (left(event)['#live [data-turn="t1"]'] for _ in range(2))
    assert reason in one.all(of="trouble")[0].text
    assert retry_of(one) != retry_of(other)


def retry_of(block: Element) -> str:
    (button,) = [one for one in block.all("button") if "data-retry" in one.attributes]
    return button.attributes["data-retry"]


def test_a_turn_that_ended_earlier_still_shows_its_circumstances():
    """Who answered, what the prompt contained, and why the answer is incomplete."""
    loaded = MemoryLoaded("summary", 2)
    swaps = circumstances([STARTED, loaded, TextDelta("Hel"), CUT])
    assert swaps[:3] == [fragments.served(STARTED), *fragments.prompt(loaded, STARTED.turn_id)]
    assert "cut short" in places(swaps)["#notice"].text
