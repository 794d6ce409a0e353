"""The versions of a summary, and the instructions for the next ones, as HTML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chat.domain.details import Folded, SummaryVersion, SummaryVersions
from chat.domain.session_ids import owned_session
from chat.page import fragments
from chat.page.fragments.versions import returning
from chat.page.word_changes import changes
from tests.support.html import HOSTILE, assert_harmless, parse

SESSION = owned_session("owner", "s")
WHEN = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def folded(number: int, first: int, last: int) -> SummaryVersion:
    """A version that has taken in the messages from ``first`` to ``last``."""
    stretch = Folded(str(first), str(last), last - first + 1)
    return SummaryVersion(number, f"Summary {number}", WHEN, 100, "fold", str(last), stretch)


def other(number: int, through: int, source: str) -> SummaryVersion:
    return SummaryVersion(number, f"Summary {number}", WHEN, 0, source, str(through))


def listed(*versions: SummaryVersion, cost: float | None = None) -> str:
    return fragments.versions(SESSION, SummaryVersions(versions, 1_234, cost))


def test_versions_are_listed_with_what_made_them():
    """When, from which messages, for how many tokens; the newest is the summary, which cannot be restored."""
    page = parse(listed(other(3, 4, "client"), folded(2, 3, 4), folded(1, 1, 2)))
    edited, second, first = page.all("li")
    assert [item.all("b")[0].text for item in (edited, second, first)] == ["Edited", "Folded", "Folded"]
    assert "the summary now" in edited.text
    assert "Version 2, took in 2 messages, 100 tokens" in second.text
    assert (second.attributes["data-first"], second.attributes["data-last"]) == ("3", "4")
    assert [len(item.all("button")) for item in (edited, second, first)] == [0, 1, 1]
    assert first.all("button")[0].attributes["hx-post"] == "/s/s/summary/versions/1/restore"


@pytest.mark.parametrize(("cost", "words"), [(None, "1234 tokens."), (0.00123, "1234 tokens, at a cost of 0.0012.")])
def test_the_list_says_what_summaries_have_cost(cost, words):
    """Money only where prices are set. It also says that an earlier text is hidden, not erased."""
    text = parse(listed(folded(1, 1, 2), cost=cost)).text
    assert words in text
    assert "delete the session" in text


def test_a_list_without_versions_says_so():
    """A sentence is in their place."""
    assert "Nothing has been summarised yet." in parse(listed()).text


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ([folded(2, 3, 6), folded(1, 1, 2)], "4 folded messages return to the window."),
        ([folded(2, 3, 3), folded(1, 1, 2)], "1 folded message returns to the window."),
        ([other(2, 2, "client"), folded(1, 1, 2)], "The window stays as it is."),
        ([other(3, 2, "restore"), folded(2, 3, 6)], "The messages that it covers leave the window."),
    ],
)
def test_restoring_asks_with_what_happens_to_the_window(versions, words):
    """The question is about the version that the button restores."""
    (button,) = parse(listed(*versions)).all("button")
    assert button.attributes["hx-confirm"].startswith(f"Restore version {versions[1].version}? {words}")


def test_messages_that_were_folded_twice_return_once():
    """After a restore, other stretches may overlap those of before."""
    twice = [folded(4, 3, 8), other(3, 2, "restore"), folded(2, 3, 6), folded(1, 1, 2)]
    assert returning(twice, 2) == 6
    assert returning(twice, 0) == 8
    assert returning(twice, 8) == 0


def test_what_a_version_changed_is_marked():
    """A text with little in common with the one before it is shown whole."""
    version = SummaryVersion(2, f"Bob sails. {HOSTILE}", WHEN, 0)
    html = fragments.version_changes(changes(f"Bob rows. {HOSTILE}", version.context), version)
    assert_harmless(html, partials=0)
    assert [mark.text for mark in parse(html).all("del")] == ["rows."]
    whole = parse(fragments.version_changes(changes("", version.context), version))
    assert (whole.text, whole.all("ins")) == (version.context, [])


def test_the_form_has_the_instructions():
    """Escaped, and with when they begin to hold."""
    html = fragments.instructions(SESSION, HOSTILE)
    assert_harmless(html, partials=0)
    form = parse(html)
    assert form.all("textarea")[0].text == HOSTILE
    assert "from the next fold on" in form.text
