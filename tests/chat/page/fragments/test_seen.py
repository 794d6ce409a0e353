"""What the model saw, as HTML."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.test import override_settings

from chat.domain.prompts import PartKind, PromptPart, PromptRecord, SentPrompt, TurnEnd, messages_of
from chat.page import fragments
from tests.support.html import HOSTILE, assert_harmless, parse

PARTS = (
    PromptPart(PartKind.SYSTEM, f"{HOSTILE}s", 8, "system"),
    PromptPart(PartKind.SUMMARY, f"{HOSTILE}c", 12, "system", f"\n\n{HOSTILE}:\n"),
    PromptPart(PartKind.RECALLED, f"{HOSTILE}r", 12, "system", "\n\nLines:\n"),
    PromptPart(PartKind.WINDOW, f"{HOSTILE}w", 9, "assistant", "", HOSTILE),
    PromptPart(PartKind.MESSAGE, f"{HOSTILE}m", 1234, "user"),
)
END = TurnEnd("web.1", 42, "here", 0.3, 0.5, 0.6)


def sent(parts: tuple[PromptPart, ...] = PARTS, **others: int) -> SentPrompt:
    numbers = {"omitted": 0, "attempt": 1, "generation": 1} | others
    return SentPrompt(
        parts, 4000, model=HOSTILE, worker=HOSTILE, pid=42, host=HOSTILE, loaded=0.1, asked=0.2, **numbers
    )


def test_every_part_is_shown_as_it_was_sent():
    """Nothing in it becomes markup, and the copy has the messages exactly."""
    html = fragments.seen(PromptRecord(sent(), TurnEnd(HOSTILE, 42, HOSTILE, 0.3, 0.5, 0.6)))
    assert_harmless(html, partials=0)
    page = parse(html)
    parts = page.all("ol")[0].all("div", of="plain")
    assert [part.text for part in parts] == [part.text for part in PARTS]
    (copied,) = (json.loads(one.attributes["data-source"]) for one in page.all(of="lines"))
    assert [(message["role"], message["content"]) for message in copied] == list(messages_of(PARTS))


@pytest.mark.parametrize(("standin", "model"), [("", "gpt-4o-mini"), ("http://localhost:8081/v1", "the stand-in")])
def test_the_model_that_answered_is_named(standin: str, model: str):
    """The stand-in answers under any name, and passes for no other model."""
    with override_settings(CHAT_PUBLIC_STANDIN_URL=standin):
        page = parse(fragments.seen(PromptRecord(replace(sent(), model="gpt-4o-mini"), END)))
    assert f"sent to {model}, by" in page.text


def test_the_bars_have_their_numbers_in_lists():
    """Tokens by kind, and the time of each step."""
    page = parse(fragments.seen(PromptRecord(sent(), END)))
    tokens, times = page.all(of="bar-of-parts")
    assert [one.text for one in tokens.all("b")] == ["8", "12", "12", "9", "1,234"]
    assert [one.text for one in times.all("b")] == ["100 ms", "100 ms", "100 ms", "200 ms", "100 ms"]
    assert len(tokens.all("rect")) == len(tokens.all("li"))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (PromptRecord(sent(generation=2)), "An earlier worker had begun this answer"),
        (PromptRecord(sent(attempt=3)), "2 longer prompts too long"),
        (PromptRecord(sent(attempt=2)), "1 longer prompt too long"),
        (PromptRecord(sent(omitted=4)), "4 of the window's oldest messages"),
        (PromptRecord(sent(), TurnEnd("web.2", 43, "there")), "web.2, process 43, on there, has remembered"),
    ],
)
def test_unusual_circumstances_are_said(record: PromptRecord, words: str):
    """Only where they apply."""
    assert words in parse(fragments.seen(record)).text
    assert words not in parse(fragments.seen(PromptRecord(sent(), TurnEnd(HOSTILE, 42, HOSTILE)))).text


def test_a_text_that_was_not_kept_whole_says_so():
    """And cannot be copied as if it were."""
    page = parse(fragments.seen(PromptRecord(sent((PromptPart(PartKind.SYSTEM, "S", 8, "system", cut=1234),)))))
    assert "1,234 more characters" in page.text
    assert page.all(of="lines") == []


def test_long_texts_are_closed():
    """The reader sees all parts at once, and opens what is long."""
    long = PromptPart(PartKind.SUMMARY, "x" * 5000, 8, "system")
    first, second = parse(fragments.seen(PromptRecord(sent((PARTS[0], long))))).all("details")
    assert ("open" in first.attributes, "open" in second.attributes) == (True, False)


def test_what_is_no_longer_known_is_a_sentence():
    """In the place of the prompt."""
    html = fragments.seen_no_more(HOSTILE)
    assert_harmless(html, partials=0)
    assert parse(html).text == HOSTILE
