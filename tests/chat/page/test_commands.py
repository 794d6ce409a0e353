"""What the page asks for: each command as it is sent, and what is wrong with other frames."""

from __future__ import annotations

import json

import pytest

from chat.domain.exceptions import InvalidFrame, InvalidTurn
from chat.page.commands import LARGEST, CheckCopy, Look, SaveCopy, SendMessage, StopTurn, decode_command


def frame(**fields: object) -> str:
    """As htmx sends the fields of a form."""
    return json.dumps({"headers": {"HX-Request": "true"}, "body": fields})


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        ({"type": "send", "text": "hi", "turn": "t1"}, SendMessage("hi", "t1")),
        ({"type": "stop", "turn": "t1"}, StopTurn("t1")),
        ({"type": "save", "turn": "t1", "signed": "s"}, SaveCopy("t1", "s")),
        ({"type": "check", "turn": "t1", "signed": "s"}, CheckCopy("t1", "s")),
        ({"type": "look", "later": "more"}, Look()),
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
        ("[]", "malformed"),
        (frame(type="shout"), "malformed"),
        (frame(type="send", turn="t1"), "malformed"),
        (frame(type="send", text=1, turn="t1"), "malformed"),
        ("x" * (LARGEST + 1), "too_long"),
    ],
)
def test_what_is_no_command_says_why(text, reason):
    """No text, too much of it, or not one of this page's."""
    with pytest.raises(InvalidFrame) as raised:
        decode_command(text)
    assert raised.value.reason == reason


def test_a_turn_has_a_proper_id():
    """An id goes into selectors and keys, so its characters are checked first."""
    with pytest.raises(InvalidTurn):
        decode_command(frame(type="stop", turn='"]'))
