"""Commands of the page as htmx sends them, and the errors for other frames."""

from __future__ import annotations

import json

import pytest

from chat.domain.exceptions import InvalidFrame, InvalidTurn
from chat.page.commands import LARGEST, CheckCopy, Look, Ping, SaveCopy, SendMessage, StopTurn, decode_command


def frame(**fields: object) -> str:
    """The frame that htmx sends for a form with these fields."""
    return json.dumps({"headers": {"HX-Request": "true"}, "body": fields})


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ({"type": "send", "text": "hi", "turn": "t1"}, SendMessage("hi", "t1")),
        ({"type": "stop", "turn": "t1"}, StopTurn("t1")),
        ({"type": "save", "turn": "t1", "signed": "s"}, SaveCopy("t1", "s")),
        ({"type": "check", "turn": "t1", "signed": "s"}, CheckCopy("t1", "s")),
        ({"type": "look", "later": "more"}, Look()),
        ({"type": "ping"}, Ping()),
    ],
)
def test_a_command_is_the_body_of_a_frame(fields, command):
    """Headers and unknown fields are ignored."""
    assert decode_command(frame(**fields)) == command


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not_json"),
        ('{"body": "\udcff"}', "not_json"),
        ('{"x": ' + "[" * 20_000 + "]" * 20_000 + "}", "too_deep"),
        ("[]", "malformed"),
        (frame(type="shout"), "malformed"),
        (frame(type="send", turn="t1"), "malformed"),
        (frame(type="send", text=1, turn="t1"), "malformed"),
        ("x" * (LARGEST + 1), "too_long"),
    ],
)
def test_a_frame_that_is_not_a_command_is_refused_with_a_reason(text, reason):
    """Not JSON, too long, or not a command of this page."""
    with pytest.raises(InvalidFrame) as raised:
        decode_command(text)
    assert raised.value.reason == reason


def test_the_id_of_a_turn_is_checked():
    """The id is used in selectors and keys, so it may have only safe characters."""
    with pytest.raises(InvalidTurn):
        decode_command(frame(type="stop", turn='"]'))
