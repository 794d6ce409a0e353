"""Events and memory as HTML: in the right places, with the right words, and never as markup of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from chat.domain.events import MemoryLoaded, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import TurnConflict
from chat.domain.messages import STOPPED_MARK, FoldState, Memory, Message, MessagePage, Role, SessionListing, Window
from chat.domain.session_ids import any_session, owned_session
from chat.page import fragments
from tests.support.html import Element, parse

HOSTILE = "<script>alert(1)</script><hx-partial hx-target='body'>\"'&"
SESSION = owned_session("owner", "s")
STARTED = TurnStarted("t:1", HOSTILE, "web.1", 42)
WHEN = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def places(swaps: Iterable[str]) -> dict[str, Element]:
    """What is swapped in, by the place that it goes to."""
    return {partial.attributes["hx-target"]: partial for swap in swaps for partial in parse(swap).all("hx-partial")}


def assert_harmless(html: str, partials: int) -> None:
    """Nothing hostile became markup: no script, and no more partials than were meant."""
    page = parse(html)
    assert page.all("script") == []
    assert len(page.all("hx-partial")) == html.count("<hx-") == partials


def memory(*said: Message, context: str | None = None, tokens: int = 0, **window: object) -> Memory:
    return Memory(said, context, tokens, Window(12, **window))  # type: ignore[arg-type]


# --- Frames -------------------------------------------------------------------------------------------------


def test_a_frame_without_facts_is_html():
    """htmx takes it as it is."""
    assert fragments.frame([fragments.status("a"), fragments.status("b")]).count("<hx-partial") == 2


def test_a_frame_with_facts_is_json_around_the_html():
    """The facts are for the page's script, the content for htmx."""
    assert json.loads(fragments.frame([fragments.status("a")], {"taken": "t"})) == {
        "content": fragments.status("a"),
        "taken": "t",
    }


def test_swaps_that_are_large_together_come_in_several_frames():
    """None is lost, each stays whole and in its order, and the facts come when everything is there."""
    swaps = [fragments.status(f"{number}" + "ä" * 100_000) for number in range(7)]
    frames = list(fragments.frames(swaps, {"shown": "yes"}))
    assert len(frames) == 4
    assert max(len(frame.encode()) for frame in frames[:-1]) <= fragments.LARGEST_FRAME
    assert "".join(frames[:-1]) + json.loads(frames[-1])["content"] == "".join(swaps)
    assert list(fragments.frames([], {"ended": "t"})) == ['{"content": "", "ended": "t"}']


def test_a_long_message_is_shown_as_far_as_a_page_can_take():
    """It is said how much more there is, and that it is not lost."""
    for role in (Role.HUMAN, Role.AI):
        page = parse(fragments.messages([Message(role, "x" * 101_234)]))
        assert page.all(of="text")[0].text.strip() == "x" * 100_000
        assert page.all("p", of="quiet-text")[0].text.startswith("1,234 more characters are not shown here.")
    assert "not shown" not in fragments.messages([Message(Role.HUMAN, "x" * 100_000)])


def test_a_large_window_is_many_swaps():
    """The first takes the place of what is there, the others come behind it; nothing is left out."""
    said = [Message(Role.HUMAN, str(number) * length, str(number)) for number, length in enumerate([60_000] * 3 + [10])]
    first, second, third = fragments.window(memory(*said))
    assert [parse(swap).all("hx-partial")[0].attributes["hx-swap"] for swap in (first, second, third)] == [
        "innerMorph", "beforeend", "beforeend"
    ]  # fmt: skip
    assert [len(parse(swap).all("li")) for swap in (first, second, third)] == [1, 1, 2]
    assert len(fragments.window_step(["9"], said)) == 4
    assert len(fragments.newly_folded(memory(folded=4), said)) == 4


def test_a_swap_escapes_what_is_not_html_already():
    """Plain text and selectors cannot break out of their places."""
    html = fragments.swap('#live [data-turn="t"]', "beforeend", HOSTILE)
    assert_harmless(html, partials=1)
    partial = parse(html).all("hx-partial")[0]
    assert partial.attributes["hx-target"] == '#live [data-turn="t"]'
    assert partial.text == HOSTILE


# --- Messages and memory ------------------------------------------------------------------------------------


def test_messages_of_both_sides_are_shown_and_not_carried_out():
    """The user's words are plain text, the model's are Markdown, sanitised."""
    html = fragments.messages([Message(Role.HUMAN, HOSTILE), Message(Role.AI, f"**bold** {HOSTILE}")])
    assert_harmless(html, partials=0)
    human, reply = (item.all(of="text")[0] for item in parse(html).all("li"))
    assert human.text == HOSTILE
    assert reply.all("strong")[0].text == "bold"


def test_a_role_that_is_not_the_models_is_the_users():
    """Other clients write other roles."""
    items = parse(fragments.messages([Message("user", "a"), Message("assistant", "b"), Message("AI", "c")])).all("li")
    assert ["reply" in item.attributes["class"] for item in items] == [False, False, True]


def test_a_stopped_reply_has_a_badge_in_place_of_its_mark():
    """What the memory holds for the model is not what people read."""
    page = parse(fragments.messages([Message(Role.AI, f"so far{STOPPED_MARK}"), Message(Role.AI, "whole")]))
    first, second = page.all("li")
    assert first.all(of="text")[0].text == "so far"
    assert [badge.text for badge in page.all(of="badge")] == ["stopped"]
    assert second.all(of="badge") == []


def test_times_are_there_for_machines_and_people():
    """A message of ours has its time, one of the original has none."""
    page = parse(fragments.messages([Message(Role.AI, "a", "1", WHEN), Message(Role.AI, "b")]))
    (time,) = page.all("time")
    assert time.attributes["datetime"] == "2026-11-22T15:00:00+00:00"
    assert time.text == "22 Nov, 15:00 UTC"


def test_a_session_without_messages_says_so():
    """An empty list is not left empty."""
    assert parse(fragments.messages([])).text == "Nothing has been said here yet."


def test_the_panel_tells_how_the_summary_stands():
    """Text, fill, count, time and cost."""
    said = [Message(Role.HUMAN, "a"), Message(Role.AI, "b")]
    html = fragments.panel(memory(*said, context=HOSTILE, tokens=271, folded=8, folded_at=WHEN, fold=FoldState.IDLE))
    assert_harmless(html, partials=1)
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
        ({"fold": FoldState.PARKED, "reason": "It stops at its length."}, "The summary waits. It stops at its length."),
        ({"fold": FoldState.PARKED}, "The memory server gave up for now."),
        ({"fold": FoldState.OFF}, "Folding is switched off on this memory server."),
    ],
)
def test_a_summary_that_does_not_come_says_why(window, words):
    """Pending, parked and switched off have their words."""
    assert words in parse(fragments.panel(memory(**window))).text


def test_what_the_memory_server_does_not_tell_is_not_made_up():
    """The original says nothing of folds."""
    folded = parse(fragments.panel(memory(Message(Role.HUMAN, "a")))).all("dd")[1].text
    assert folded == "This memory server does not tell"
    assert memory().window.fold is FoldState.UNKNOWN


@pytest.mark.parametrize("fold", [FoldState.IDLE, FoldState.UNKNOWN])
def test_a_summary_that_is_as_it_should_be_says_nothing(fold):
    """Nor does the original, which does not tell."""
    page = parse(fragments.panel(memory(fold=fold)))
    assert page.all(of="badge") == page.all(of="trouble") == []


def test_a_window_grows_and_shrinks_by_what_has_changed():
    """Messages that are gone are taken out one by one, new ones come behind the rest."""
    there = places(fragments.window_step(["1-0", "2-0"], [Message(Role.AI, HOSTILE, "5-0")]))
    assert [there[f'#window [id="message-{n}-0"]'].attributes["hx-swap"] for n in (1, 2)] == ["delete", "delete"]
    assert there["#window"].attributes["hx-swap"] == "beforeend"
    assert there["#window"].all("li", id="message-5-0")
    assert fragments.window_step([], []) == []


# --- What was folded ----------------------------------------------------------------------------------------


def test_what_was_folded_is_behind_a_button():
    """The button asks for what stands before the window."""
    html = fragments.earlier(SESSION, memory(Message(Role.HUMAN, "a", "m-7"), folded=6))
    button = parse(html).all("button")[0].attributes
    assert button["hx-get"] == "/s/s/earlier"
    assert json.loads(button["hx-vals"]) == {"before": "m-7"}


@pytest.mark.parametrize(
    "remembered", [memory(Message(Role.HUMAN, "a", "1")), memory(Message(Role.HUMAN, "a"), folded=6), memory()]
)
def test_there_is_no_button_where_nothing_can_be_shown(remembered):
    """Nothing folded, or a server that gives no ids."""
    assert parse(fragments.earlier(SESSION, remembered)).all("button") == []


def test_staff_scroll_back_in_any_session_whatever_its_id():
    """The id travels as a value, not as a path."""
    html = fragments.earlier(any_session("..%2F../é?"), memory(folded=6), staff=True)
    button = parse(html).all("button")[0].attributes
    assert button["hx-get"] == "/any/earlier"
    assert json.loads(button["hx-vals"]) == {"before": "", "id": "..%2F../é?"}


def test_a_stretch_of_the_past_brings_the_button_for_the_one_above():
    """Until there is none."""
    said = (Message(Role.HUMAN, "a", "1"),)
    first = parse(fragments.earlier_page(SESSION, MessagePage(said, "0-9")))
    last = parse(fragments.earlier_page(SESSION, MessagePage(said, None)))
    assert json.loads(first.all("button", id="earlier-button")[0].attributes["hx-vals"]) == {"before": "0-9"}
    assert last.all("button", id="earlier-button") == []
    assert len(first.all("li")) == len(last.all("li")) == 1


def test_only_a_page_that_stands_elsewhere_loses_what_it_has_opened():
    """The place is chosen by the number of folded messages that it shows."""
    target = next(iter(places([fragments.earlier_unless_shown(SESSION, memory(folded=6))])))
    assert target == '#earlier:not(:has(#fold-mark[data-folded="6"]))'


# --- Sessions -----------------------------------------------------------------------------------------------


def test_sessions_have_titles_and_the_open_one_is_marked():
    """The original knows no titles: there the id stands in."""
    listings = [SessionListing("owner.s", HOSTILE), SessionListing("owner.other")]
    html = fragments.joined(*fragments.sessions(listings, SESSION))
    assert_harmless(html, partials=2)
    here, there = parse(html).all("a")
    assert (here.text, here.attributes["aria-current"]) == (HOSTILE, "page")
    assert (there.text, there.attributes["href"]) == ("other", "/s/other")
    assert "aria-current" not in there.attributes
    assert places([html])["#title"].text == HOSTILE


def test_a_session_that_is_gone_loses_its_title():
    """One that is only far down in the list keeps it."""
    assert places(fragments.sessions([], SESSION, empty=True))["#title"].text == "New session"
    assert "#title" not in places(fragments.sessions([], SESSION))
    assert "#title" not in places(fragments.sessions([], None, empty=True))


def test_a_list_that_was_unfolded_is_not_folded_again():
    """Only a list as it was at first is replaced; one that was unfolded knows how to ask for itself anew."""
    assert next(iter(places(fragments.sessions([], None)))) == "#sessions:not(:has(#unfolded))"
    listings = [SessionListing(f"owner.{n}") for n in range(fragments.SESSIONS_A_PAGE * 2)]
    page = parse(fragments.session_items(listings, None, 2))
    assert page.all("li", id="unfolded")[0].attributes["hx-get"] == "/sessions?page=2"
    assert page.all("button", of="wide")[0].attributes["hx-get"] == "/sessions?page=3"


def test_a_list_ends_where_the_memory_server_ends_it():
    """The last page has no button, and says how many there are."""
    pages = fragments.MOST_PAGES
    listings = [SessionListing(f"owner.{n}") for n in range(fragments.SESSIONS_A_PAGE * pages)]
    page = parse(fragments.session_items(listings, None, pages))
    assert page.all("button", of="wide") == []
    assert "The newest 1000 are listed." in page.text


def test_every_session_has_its_own_delete_button():
    """A screen reader hears which one."""
    buttons = parse(fragments.session_items([SessionListing("owner.s", "Trip")], None)).all("button")
    assert [button.attributes["aria-label"] for button in buttons] == ["Delete Trip"]


def test_an_empty_list_says_so():
    """No session yet is not an empty column."""
    assert parse(fragments.session_items([], None)).text == "No session yet."


# --- A turn -------------------------------------------------------------------------------------------------


def test_a_started_turn_shows_the_message_the_stop_button_and_who_answers():
    """Each in its place; what came to nothing before goes, what can still be saved stays."""
    swaps = fragments.started(STARTED)
    for swap in swaps:
        assert_harmless(swap, partials=1)
    there = places(swaps)
    assert there["#live"].all(of="human")[0].all(of="text")[0].text == HOSTILE
    assert json.loads(there["#stop"].all("button")[0].attributes["hx-vals"]) == {"type": "stop", "turn": "t:1"}
    assert there["#served"].text == "web.1, process 42"
    assert "#live .turn:not(.unsaved)" in there


def test_growing_text_goes_behind_what_is_there():
    """A piece is sent once; when blocks are whole they leave the unfinished tail."""
    (only,) = fragments.text("t:1", "", "Hello <b>", "<b>")
    assert places([only])['#live [data-turn="t:1"] .tail'].text == "<b>"
    there = places(fragments.text("t:1", fragments.messages([]), "<next>", "x"))
    assert there['#live [data-turn="t:1"] .tail'].text == "<next>"
    assert there['#live [data-turn="t:1"] .tail'].attributes["hx-swap"] == "innerHTML"


def test_a_failed_turn_keeps_the_words_and_offers_to_try_again():
    """Retry sends the same text as another turn."""
    swaps = fragments.failed(STARTED, TurnFailed("c", "The model broke off.", True, "**half**"), "t2")
    block = places(swaps)['#live [data-turn="t:1"]']
    assert block.all("strong")[0].text == "half"
    assert "The model broke off." in block.all(of="trouble")[0].text
    retry = json.loads(block.all("button")[-1].attributes["hx-vals"])
    assert retry == {"type": "send", "text": HOSTILE, "turn": "t2"}
    assert places(swaps)["#stop"].text == ""


@pytest.mark.parametrize("ended", [TurnFinished, TurnStopped])
def test_a_turn_that_is_not_remembered_can_be_saved(ended):
    """The signed copy goes with the button."""
    swaps = fragments.unsaved(STARTED, ended("hello", remembered=False, reason="It was away."), "signed:copy")
    block = places(swaps)['#live [data-turn="t:1"]']
    assert "Not remembered. It was away." in block.all(of="trouble")[0].text
    save = json.loads(block.all("button")[-1].attributes["hx-vals"])
    assert save == {"type": "save", "turn": "t:1", "signed": "signed:copy"}
    assert bool(block.all(of="badge")) == (ended is TurnStopped)


def test_what_the_model_was_told_stands_at_the_right():
    """The summary, the messages, what was left out, what was recalled."""
    swaps = fragments.prompt(MemoryLoaded("context", 10, omitted=3, recalled=(HOSTILE, "line")))
    for swap in swaps:
        assert_harmless(swap, partials=1)
    there = places(swaps)
    assert "the summary and 10 messages of the window" in there["#prompt"].text
    assert [line.text for line in there["#prompt"].all("li")] == [HOSTILE, "line"]
    assert "3 of its oldest messages were left out of the prompt" in there["#omitted"].text
    there = places(fragments.prompt(MemoryLoaded("context", 10, omitted=1)))
    assert "1 of its oldest messages was left out of the prompt" in there["#omitted"].text


def test_only_a_turn_of_which_nothing_is_remembered_is_told_so():
    """A turn whose id was remembered with other words says that, and nothing against it."""
    conflict = TurnConflict()
    for failed, nothing in (
        (TurnFailed(conflict.code, str(conflict), False, "said"), False),
        (TurnFailed("model_stalled", "The model broke off.", True, "said"), True),
    ):
        block = "".join(fragments.failed(STARTED, failed, "t2"))
        assert failed.reason in block
        assert ("Nothing of this turn was remembered." in block) is nothing


def test_a_recall_that_failed_is_said():
    """What might be missing is not kept quiet."""
    there = places(fragments.prompt(MemoryLoaded(None, 2, trouble=HOSTILE)))
    assert HOSTILE in there["#prompt"].text


def test_a_whole_prompt_needs_no_notice():
    """Nothing left out, nothing said."""
    there = places(fragments.prompt(MemoryLoaded(None, 2)))
    assert there["#omitted"].text == ""
    assert "summary" not in there["#prompt"].text


# --- Words --------------------------------------------------------------------------------------------------


def test_sentences_are_escaped():
    """Notices, outages and statuses are text."""
    for swap in (fragments.notice(HOSTILE), fragments.outage(HOSTILE), fragments.status(HOSTILE)):
        assert_harmless(swap, partials=1)
        assert parse(swap).text == HOSTILE


def test_a_sentence_can_be_taken_away_by_its_reason():
    """Only the one that waited for it."""
    there = places([fragments.notice(HOSTILE, "turn")])["#notice"]
    assert there.all("p")[0].attributes["data-until"] == "turn"
    assert places([fragments.over("turn")])['#notice [data-until="turn"]'].attributes["hx-swap"] == "delete"
