"""Frames and swaps: small enough, in order, and escaped."""

from __future__ import annotations

import json

from chat.page import fragments
from tests.support.html import HOSTILE, assert_harmless, parse


def test_a_frame_without_facts_is_html():
    """htmx reads it unchanged."""
    assert fragments.frame([fragments.status("a"), fragments.status("b")]).count("<hx-partial") == 2


def test_a_frame_with_facts_is_json_around_the_html():
    """The facts are for the page's script, the HTML for htmx."""
    assert json.loads(fragments.frame([fragments.status("a")], {"taken": "t"})) == {
        "content": fragments.status("a"),
        "taken": "t",
    }


def test_large_swaps_are_split_into_several_frames():
    """Every swap stays whole and in order, and the facts come in the last frame."""
    swaps = [fragments.status(f"{number}" + "ä" * 100_000) for number in range(7)]
    frames = list(fragments.frames(swaps, {"shown": "yes"}))
    assert len(frames) == 4
    assert max(len(frame.encode()) for frame in frames[:-1]) <= fragments.LARGEST_FRAME
    assert "".join(frames[:-1]) + json.loads(frames[-1])["content"] == "".join(swaps)
    assert list(fragments.frames([], {"ended": "t"})) == ['{"content": "", "ended": "t"}']


def test_a_swap_escapes_plain_text():
    """Neither text nor selectors can inject markup."""
    html = fragments.swap('#live [data-turn="t"]', "beforeend", HOSTILE)
    assert_harmless(html, partials=1)
    partial = parse(html).all("hx-partial")[0]
    assert partial.attributes["hx-target"] == '#live [data-turn="t"]'
    assert partial.text == HOSTILE
