"""The summary as HTML: its text, its figures, and what can be done to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat.domain.messages import FoldState, Memory, Message, Role, Window
from chat.domain.session_ids import owned_session
from chat.page import fragments
from chat.page.word_changes import changes
from tests.support.html import HOSTILE, assert_harmless, parse, places

SESSION = owned_session("owner", "s")
WHEN = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def memory(*said: Message, context: str | None = None, tokens: int = 0, **window: object) -> Memory:
    return Memory(said, context, tokens, Window(12, **window))  # type: ignore[arg-type]


def test_the_panel_shows_the_summary_and_its_state():
    """Its text, how full the window is, how much was folded and when, and the cost."""
    said = [Message(Role.HUMAN, "a"), Message(Role.AI, "b")]
    html = fragments.panel(
        SESSION, memory(*said, context=HOSTILE, tokens=271, folded=8, folded_at=WHEN, fold=FoldState.IDLE)
    )
    assert_harmless(html, partials=3)
    page = parse(html)
    assert page.all(of="summary")[0].text == HOSTILE
    window, folded, cost = (" ".join(figure.text.split()) for figure in page.all("dd"))
    assert window == "2 of 12 messages"
    assert folded == "8 messages, last 22 Nov, 15:00 UTC"
    assert cost == "271 tokens"
    meter = page.all("meter")[0].attributes
    assert (meter["max"], meter["value"]) == ("12", "2")


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"fold": FoldState.PENDING}, "Summary pending"),
        ({"fold": FoldState.PENDING, "reason": "The model is away."}, "Summary pending: The model is away."),
        (
            {"fold": FoldState.PARKED, "reason": "It stops at its length."},
            "The summary is waiting. It stops at its length.",
        ),
        ({"fold": FoldState.PARKED}, "The memory server gave up for now."),
        ({"fold": FoldState.OFF}, "Folding is switched off on this memory server."),
    ],
)
def test_a_missing_summary_has_a_reason(window, words):
    """There is a sentence for pending, parked and switched off."""
    assert words in parse(fragments.panel(SESSION, memory(**window))).text


def test_an_unknown_number_of_folded_messages_is_not_made_up():
    """The original server does not report folds."""
    folded = parse(fragments.panel(SESSION, memory(Message(Role.HUMAN, "a")))).all("dd")[1].text
    assert folded == "not reported by this memory server"
    assert memory().window.fold is FoldState.UNKNOWN


@pytest.mark.parametrize("fold", [FoldState.IDLE, FoldState.UNKNOWN])
def test_an_up_to_date_summary_has_no_badge(fold):
    """Nor does one from the original server, whose state is unknown."""
    page = parse(fragments.panel(SESSION, memory(fold=fold)))
    assert page.all(of="badge") == page.all(of="trouble") == []


def test_a_verb_is_offered_where_it_is_possible():
    """Folding asks the server; where it cannot, the button is grey and has the reason."""
    able = parse(fragments.panel(SESSION, memory(*[Message(Role.HUMAN, "a", "1")] * 7, fold=FoldState.IDLE)))
    (fold,) = able.all("button", **{"data-no-fold": ""})
    assert fold.attributes["hx-post"] == "/s/s/summary/fold"
    unable = parse(fragments.panel(SESSION, memory(Message(Role.HUMAN, "a"))))
    (fold,) = [button for button in unable.all("button") if "data-no-fold" in button.attributes]
    assert fold.attributes["aria-disabled"] == "true"
    assert fold.attributes["title"] == "This memory server folds only when the window is full."
    assert "hx-post" not in fold.attributes


def test_a_sentence_in_the_panel_takes_the_place_of_the_one_beside_the_message_box():
    """It is escaped; without one, both places are empty."""
    assert_harmless(fragments.panel_notice(HOSTILE), partials=2)
    assert [place.text for place in places([fragments.panel_notice(HOSTILE)]).values()] == [HOSTILE, ""]
    assert [place.text for place in places([fragments.panel_notice("")]).values()] == ["", ""]


def test_a_page_that_shows_the_summary_keeps_its_text():
    """A selection in it stays, and so does an editor around it, whatever else has changed."""
    first, *_ = places([fragments.panel(SESSION, Memory((), "a", 0, Window(12), summary_tag='"e-3"'))])
    assert first == '#summary:not(:has(#summary-form, [data-tag="e-3"]))'
    first, *_ = places([fragments.panel(SESSION, Memory((), "a", 0, Window(12)))])
    assert first == "#summary:not(:has(#summary-form))"
    first, *_ = places([fragments.saved(SESSION, Memory((), "a", 0, Window(12)))])
    assert first == "#summary"


def test_what_a_fold_changed_is_marked():
    """A screen reader reads the new text only; marks are harmless, whatever the texts are."""
    html = fragments.panel(SESSION, memory(context=f"Bob {HOSTILE}"), changes(f"Rob {HOSTILE}", f"Bob {HOSTILE}"))
    assert_harmless(html, partials=3)
    (text,) = parse(html).all(of="summary")
    assert [mark.attributes for mark in text.all("del")] == [{"aria-hidden": "true"}] * len(text.all("del"))
    read = "".join(child if isinstance(child, str) else child.text for child in text.children
                   if isinstance(child, str) or child.tag == "ins")  # fmt: skip
    assert "Bob" in read
    assert "Rob" not in read


def test_a_summary_that_was_rewritten_is_marked_as_a_whole():
    """So is the first one."""
    (text,) = parse(fragments.panel(SESSION, memory(context="All new."), changes("", "All new."))).all(of="summary")
    assert "rewritten" in text.attributes["class"].split()
    assert (text.text, text.all("ins")) == ("All new.", [])


def test_the_editor_has_the_text_and_its_tag():
    """Both are escaped."""
    form = parse(fragments.editor(SESSION, Memory((), HOSTILE, 0, Window(12), summary_tag='"e-3"')))
    assert form.all("textarea")[0].text == HOSTILE
    assert form.values("tag") == ['"e-3"']


def test_a_conflict_shows_both_texts():
    """And the next attempt is about the newer summary."""
    html = fragments.conflict(Memory((), "a", 0, Window(12), summary_tag='"e-4"'), changes("tea", HOSTILE))
    assert_harmless(html, partials=2)
    there = places([html])
    assert there["#summary-conflict"].all("del")[1].text == "tea"
    assert there["#summary-tag"].values("tag") == ['"e-4"']
