"""Reading JSON from clients."""

from __future__ import annotations

import json

import msgspec
import pytest

from chat.api.client_json import LONGEST_ID, decoded, id_in
from chat.domain.exceptions import InvalidFrame

NUMBERS = msgspec.json.Decoder(list[int])


@pytest.mark.parametrize(("text", "reason"), [("[1", "not_json"), ('["one"]', "malformed"), ("\ud800", "not_json")])
def test_what_cannot_be_decoded_is_named(text: str, reason: str) -> None:
    """Whatever is wrong with it, it is a sentence."""
    assert decoded(NUMBERS, "[1, 2]") == [1, 2]
    with pytest.raises(InvalidFrame) as refused:
        decoded(NUMBERS, text)
    assert refused.value.reason == reason


def test_what_is_nested_too_deeply_is_named() -> None:
    """It is neither an error of the server nor an endless one."""
    with pytest.raises(InvalidFrame) as refused:
        decoded(msgspec.json.Decoder(), "[" * 100_000)
    assert refused.value.reason == "too_deep"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"id": "r", "half": "\\ud800"}', "r"),
        ('{"id": "\\ud800"}', ""),
        ('{"id": 1}', ""),
        ('{"id": ""}', ""),
        (json.dumps({"id": "x" * (LONGEST_ID + 1)}), ""),
        ('{"other": "r"}', ""),
        ('["id"]', ""),
        ("null", ""),
        ("1", ""),
        ("{", ""),
        ("[" * 100_000, ""),
    ],
)
def test_an_id_is_found_in_what_is_wrong_otherwise(text: str, found: str) -> None:
    """An error frame with it ends its request."""
    assert id_in(text, "id") == found
