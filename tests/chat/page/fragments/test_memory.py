"""Messages and memory as HTML: in the right places, with the right words, and escaped."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from chat.domain.messages import STOPPED_MARK, Memory, Message, MessagePage, Role, Window
from chat.domain.session_ids import any_session, owned_session
from chat.page import fragments
from tests.support.hostile_markdown import HOSTILE as HOSTILE_MARKDOWN
from tests.support.html import HOSTILE, assert_harmless, parse, places

SESSION = owned_session("owner", "s")
WHEN = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def memory(*said: Message, context: str | None = None, tokens: int = 0, **window: object) -> Memory:
    return Memory(said, context, tokens, Window(12, **window))  # type: ignore[arg-type]


def test_a_very_long_message_is_truncated():
    """A note says how many characters are not shown."""
    for role in (Role.HUMAN, Role.AI):
        page = parse(fragments.messages([Message(role, "x" * 101_234)]))
        assert page.all(of="text")[0].text.strip() == "x" * 100_000
        assert page.all("p", of="quiet-text")[0].text.startswith("1,234 more characters are not shown here.")
    assert "not shown" not in fragments.messages([Message(Role.HUMAN, "x" * 100_000)])


def test_a_large_window_is_split_into_swaps():
    """The first replaces what is there, the others are appended; nothing is left out."""
    said = [Message(Role.HUMAN, str(number) * length, str(number)) for number, length in enumerate([60_000] * 3 + [10])]
    first, second, third = fragments.window(memory(*said))
    assert [parse(swap).all("hx-partial")[0].attributes["hx-swap"] for swap in (first, second, third)] == [
        "innerMorph", "beforeend", "beforeend"
    ]  # fmt: skip
    assert [len(parse(swap).all("li")) for swap in (first, second, third)] == [1, 1, 2]
    assert len(fragments.window_step(["9"], said)) == 4
    assert len(fragments.newly_folded(memory(folded=4), said)) == 4


def test_messages_of_both_sides_are_harmless():
    """The user's text is escaped, the model's Markdown is sanitised."""
    html = fragments.messages([Message(Role.HUMAN, HOSTILE), Message(Role.AI, f"**bold** {HOSTILE}")])
    assert_harmless(html, partials=0)
    human, reply = (item.all(of="text")[0] for item in parse(html).all("li"))
    assert human.text == HOSTILE
    assert reply.all("strong")[0].text == "bold"


def test_a_reply_that_is_too_much_markdown_is_shown_as_it_was_written():
    """A sentence says so. The text is what copying copies, so its source is not on the page twice."""
    hostile = HOSTILE_MARKDOWN["wide table"](1_541).strip()
    said = [Message(Role.AI, "**a**"), Message(Role.AI, hostile), Message(Role.HUMAN, hostile)]
    formatted, plain, human = parse(fragments.messages(said)).all("li")
    assert (formatted.attributes["data-source"], formatted.all(of="plain")) == ("**a**", [])
    assert (plain.all(of="plain")[0].text, human.all(of="plain")[0].text) == (hostile, hostile)
    assert "data-source" not in plain.attributes
    assert plain.all("p", of="quiet-text")[0].text.startswith("Shown as plain text")
    assert human.all("p", of="quiet-text") == []


def test_unknown_roles_count_as_the_users():
    """Other clients may write any role, and have several for the model."""
    roles = ("user", "system", "assistant", "AI")
    items = parse(fragments.messages([Message(role, "a") for role in roles])).all("li")
    assert ["reply" in item.attributes["class"] for item in items] == [False, False, True, True]


def test_a_stopped_reply_has_a_badge_in_place_of_its_mark():
    """The mark is for the model; users see the badge."""
    page = parse(fragments.messages([Message(Role.AI, f"so far{STOPPED_MARK}"), Message(Role.AI, "whole")]))
    first, second = page.all("li")
    assert first.all(of="text")[0].text == "so far"
    assert [badge.text for badge in page.all(of="badge")] == ["stopped"]
    assert second.all(of="badge") == []


def test_a_message_has_its_time_in_both_formats():
    """For machines and for people; messages from the original server have no time."""
    page = parse(fragments.messages([Message(Role.AI, "a", "1", WHEN), Message(Role.AI, "b")]))
    (time,) = page.all("time")
    assert time.attributes["datetime"] == "2026-11-22T15:00:00+00:00"
    assert time.text == "22 Nov, 15:00 UTC"


def test_a_session_without_messages_says_so():
    """A sentence takes the place of the messages."""
    assert parse(fragments.messages([])).text == "Nothing has been said here yet."


def test_a_window_is_updated_by_its_changes():
    """Messages that are gone are removed one by one, new ones are appended."""
    there = places(fragments.window_step(["1-0", "2-0"], [Message(Role.AI, HOSTILE, "5-0")]))
    assert [there[f'#window [id="message-{n}-0"]'].attributes["hx-swap"] for n in (1, 2)] == ["delete", "delete"]
    assert there["#window"].attributes["hx-swap"] == "beforeend"
    assert there["#window"].all("li", id="message-5-0")
    assert fragments.window_step([], []) == []


def test_folded_messages_are_behind_a_button():
    """The button loads the messages before the window."""
    html = fragments.earlier(SESSION, memory(Message(Role.HUMAN, "a", "m-7"), folded=6))
    button = parse(html).all("button")[0].attributes
    assert button["hx-get"] == "/s/s/earlier"
    assert json.loads(button["hx-vals"]) == {"before": "m-7"}


def test_an_empty_window_behind_a_fold_loads_what_is_above_it_at_once():
    """A long message can be folded as soon as it is remembered, and the page does not call the session empty."""
    empty = memory(folded=6)
    button = parse(fragments.earlier(SESSION, empty)).all("button")[0].attributes
    assert button["hx-trigger"] == "click, missed, load"
    assert fragments.window_items(empty).strip() == ""
    assert "Tell it your name" in fragments.window_items(memory())
    kept = memory(Message(Role.HUMAN, "a", "m-7"), folded=6)
    assert parse(fragments.earlier(SESSION, kept)).all("button")[0].attributes["hx-trigger"] == "click, missed"


@pytest.mark.parametrize(
    "remembered", [memory(Message(Role.HUMAN, "a", "1")), memory(Message(Role.HUMAN, "a"), folded=6), memory()]
)
def test_there_is_no_button_without_folded_messages_to_load(remembered):
    """Nothing was folded, or the server has no message ids."""
    assert parse(fragments.earlier(SESSION, remembered)).all("button") == []


def test_staff_scroll_back_in_any_session_whatever_its_id():
    """The id is sent as a parameter, not as a path."""
    html = fragments.earlier(any_session("..%2F../é?"), memory(folded=6), staff=True)
    button = parse(html).all("button")[0].attributes
    assert button["hx-get"] == "/any/earlier"
    assert json.loads(button["hx-vals"]) == {"before": "", "id": "..%2F../é?"}


def test_a_page_of_folded_messages_has_a_button_for_the_one_before():
    """The first page of the session has none."""
    said = (Message(Role.HUMAN, "a", "1"),)
    first = parse(fragments.earlier_page(SESSION, MessagePage(said, "0-9")))
    last = parse(fragments.earlier_page(SESSION, MessagePage(said, None)))
    assert json.loads(first.all("button", id="earlier-button")[0].attributes["hx-vals"]) == {"before": "0-9"}
    assert last.all("button", id="earlier-button") == []
    assert len(first.all("li")) == len(last.all("li")) == 1


def test_earlier_messages_are_collapsed_only_after_a_fold():
    """The selector matches pages that show another number of folded messages."""
    target = next(iter(places([fragments.earlier_unless_shown(SESSION, memory(folded=6))])))
    assert target == '#earlier:not(:has(#fold-mark[data-folded="6"]))'


def test_something_can_be_done_at_each_message_but_not_by_staff():
    """An answer can be given again, a question be edited, and both begin another session."""
    said = [Message(Role.HUMAN, "a", "1"), Message(Role.AI, "b", "2")]
    named = [
        [act.text for act in item.all(of="actions")[0].all("button")]
        for item in parse(fragments.messages(said)).all("li")
    ]
    assert named == [["Edit", "Fork", "Fold up to here"], ["Regenerate", "Fork", "Fold up to here"]]
    assert parse(fragments.messages(said, staff=True)).all(of="actions") == []


@pytest.mark.parametrize(("before", "through"), [("951", "751"), ("60", "1")])
def test_the_second_page_of_earlier_messages_is_a_large_one(before, through):
    """A thousand messages are shown in a handful of steps; the first page is small, and there at once."""
    window = memory(Message(Role.HUMAN, "a", "981"), folded=980)
    buttons = [
        fragments.earlier(SESSION, window),
        fragments.earlier_page(SESSION, MessagePage((Message(Role.HUMAN, "b", before),), before)),
    ]
    values = [json.loads(parse(html).all("button", id="earlier-button")[0].attributes["hx-vals"]) for html in buttons]
    assert values == [{"before": "981"}, {"before": before, "through": through}]
