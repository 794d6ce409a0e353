"""Turns as HTML: growing, failed and unsaved."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.utils.safestring import SafeString

from chat.domain.events import MemoryLoaded, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import MessageFolded, NotSupported, TurnConflict, UnknownMessage
from chat.page import fragments
from chat.page.growing_reply import Growth
from tests.support.html import HOSTILE, assert_harmless, places

STARTED = TurnStarted("t:1", HOSTILE, "web.1", 42)


def test_a_started_turn_shows_the_message_the_stop_button_and_who_answers():
    """Each is in its place; earlier failed turns are removed, unsaved ones stay."""
    swaps = fragments.started(STARTED)
    for swap in swaps:
        assert_harmless(swap, partials=1)
    there = places(swaps)
    assert there["#live"].all(of="human")[0].all(of="text")[0].text == HOSTILE
    assert json.loads(there["#stop"].all("button")[0].attributes["hx-vals"]) == {"type": "stop", "turn": "t:1"}
    assert there["#served"].text == "web.1, process 42"
    assert "#live .turn:not(.unsaved)" in there


def test_growing_text_is_appended():
    """Each piece is sent once, to the end of the plain text."""
    (only,) = fragments.text("t:1", Growth(tail="<b>"))
    place = places([only])['#live [data-turn="t:1"] .tail']
    assert (place.text, place.attributes["hx-swap"]) == ("<b>", "beforeend")
    assert fragments.text("t:1", Growth()) == []


def test_code_is_replaced_where_it_is_the_last_block():
    """By the same code in colours."""
    there = places(fragments.text("t:1", Growth(code=SafeString("<span>x</span>"))))
    code = there['#live [data-turn="t:1"] .blocks > .code:last-child > pre > code']
    assert (code.all("span")[0].text, code.attributes["hx-swap"]) == ("x", "innerHTML")


def test_what_is_whole_moves_out_of_the_plain_text():
    """The last block goes on, others follow, and what is left stands below."""
    swaps = fragments.text("t:1", Growth(SafeString("<li>a</li>"), SafeString("<p>b</p>"), "<c>", replaces=True))
    live = '#live [data-turn="t:1"] '
    last = f"{live}:is(.blocks > :is(ul, ol):last-child, .blocks > .code:last-child > pre > code)"
    there = places(swaps)
    assert [(place, there[place].text, there[place].attributes["hx-swap"]) for place in there] == [
        (last, "a", "beforeend"),
        (f"{live}.blocks", "b", "beforeend"),
        (f"{live}.tail", "<c>", "innerHTML"),
    ]


def test_growing_reasoning_is_appended_as_text():
    """Each piece is sent once, and shown as it is."""
    swap = fragments.thoughts("t:1", HOSTILE)
    assert_harmless(swap, partials=1)
    there = places([swap])['#live [data-turn="t:1"] .thoughts']
    assert there.text == HOSTILE
    assert there.attributes["hx-swap"] == "beforeend"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "a moment"), (12.4, "12 s"), (59.6, "1 min 0 s"), (60, "1 min 0 s"), (125, "2 min 5 s")]
)
def test_the_time_that_the_model_has_thought_is_said(seconds, said):
    """It is in seconds, or in minutes and seconds."""
    there = places([fragments.thought_for("t:1", seconds)])
    assert there['#live [data-turn="t:1"] .reasoning summary'].text == f"Thought for {said}"


def test_a_failed_turn_keeps_its_text_and_offers_a_retry():
    """Retrying sends the same text as a new turn."""
    swaps = fragments.failed(STARTED, TurnFailed("c", "The model broke off.", True, "**half**"), "t2")
    block = places(swaps)['#live [data-turn="t:1"]']
    assert block.all("strong")[0].text == "half"
    assert "The model broke off." in block.all(of="trouble")[0].text
    retry = json.loads(block.all("button")[-1].attributes["data-retry"])
    assert retry == {"text": HOSTILE, "turn": "t2"}
    assert places(swaps)["#stop"].text == ""


def test_a_turn_that_replaces_others_says_so():
    """The page marks those behind the place; a retry replaces them, too, and they stay meanwhile."""
    replacing = replace(STARTED, replace_after="4")
    turn = places(fragments.started(replacing))["#live"].all("section")[0]
    assert turn.attributes["data-replaces"] == "4"
    assert "being replaced" in turn.text
    assert "data-replaces" not in "".join(fragments.started(STARTED))
    block = places(fragments.failed(replacing, TurnFailed("c", "It broke off.", True), "t2"))['#live [data-turn="t:1"]']
    assert "The messages above stay as they are." in block.text
    retry = json.loads(block.all("button")[-1].attributes["data-retry"])
    assert retry == {"text": HOSTILE, "turn": "t2", "replace_after": "4"}


@pytest.mark.parametrize("error", [MessageFolded(), UnknownMessage(), NotSupported()])
def test_a_turn_that_can_replace_nothing_any_more_can_be_added(error):
    """Another try at the same place would fail again."""
    failed = TurnFailed(error.code, "reason", retryable=False)
    block = places(fragments.failed(replace(STARTED, replace_after="4"), failed, "t2"))['#live [data-turn="t:1"]']
    (button,) = (each for each in block.all("button") if "data-retry" in each.attributes)
    assert button.text == "Send as a new message"
    assert json.loads(button.attributes["data-retry"]) == {"text": HOSTILE, "turn": "t2"}


@pytest.mark.parametrize("ended", [TurnFinished, TurnStopped])
def test_a_turn_that_is_not_remembered_can_be_saved(ended):
    """The button sends the signed copy."""
    swaps = fragments.unsaved(STARTED, ended("hello", remembered=False, reason="It was away."), "signed:copy")
    block = places(swaps)['#live [data-turn="t:1"]']
    assert "Not remembered. It was away." in block.all(of="trouble")[0].text
    save = json.loads(block.all("button")[-1].attributes["hx-vals"])
    assert save == {"type": "save", "turn": "t:1", "signed": "signed:copy"}
    assert bool(block.all(of="badge")) == (ended is TurnStopped)


def test_the_contents_of_the_prompt_are_shown():
    """The summary, the number of messages, recalled lines, and how much was left out."""
    swaps = fragments.prompt(MemoryLoaded("context", 10, omitted=3, recalled=(HOSTILE, "line")), "t:1")
    for swap in swaps:
        assert_harmless(swap, partials=1)
    there = places(swaps)
    assert "the summary and 10 messages of the window" in there["#prompt"].text
    assert [line.text for line in there["#prompt"].all("li")] == [HOSTILE, "line"]
    assert "3 of its oldest messages were left out of the prompt" in there["#omitted"].text
    there = places(fragments.prompt(MemoryLoaded("context", 10, omitted=1), "t:1"))
    assert "1 of its oldest messages was left out of the prompt" in there["#omitted"].text


def test_a_failed_turn_says_whether_anything_was_remembered():
    """If its id was remembered with another text, only that is said."""
    conflict = TurnConflict()
    for failed, nothing in (
        (TurnFailed(conflict.code, str(conflict), False, "said"), False),
        (TurnFailed("model_stalled", "The model broke off.", True, "said"), True),
    ):
        block = "".join(fragments.failed(STARTED, failed, "t2"))
        assert failed.reason in block
        assert ("This turn was not remembered." in block) is nothing


def test_a_failed_recall_is_shown():
    """The user learns that the prompt may lack something."""
    there = places(fragments.prompt(MemoryLoaded(None, 2, trouble=HOSTILE), "t:1"))
    assert HOSTILE in there["#prompt"].text


def test_the_prompt_has_a_bar_by_tokens_and_leads_to_its_text():
    """The list below the bar has the numbers; without numbers there is no bar. The button names the turn."""
    there = places(
        fragments.prompt(MemoryLoaded(None, 2, tokens={"system": 400, "window": 1500}, budget=4000), HOSTILE)
    )
    assert [number.text for number in there["#prompt"].all("b")] == ["400", "1,500"]
    assert "1,900 of 4,000" in there["#prompt"].text
    assert there["#prompt"].all("button")[0].attributes["data-see"] == HOSTILE
    assert places(fragments.prompt(MemoryLoaded(None, 2), "t:1"))["#prompt"].all("svg") == []


def test_a_complete_prompt_needs_no_notice():
    """There is no notice if nothing was left out."""
    there = places(fragments.prompt(MemoryLoaded(None, 2), "t:1"))
    assert there["#omitted"].text == ""
    assert "summary" not in there["#prompt"].text
