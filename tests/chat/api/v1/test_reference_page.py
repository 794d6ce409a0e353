"""Descriptions in words."""

from __future__ import annotations

from typing import Any

import pytest

from chat.api.v1.description import describe
from chat.api.v1.reference_page import groups_of, shapes_of, type_of


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "whole number or null"),
        ({"enum": ["a", "<b>"]}, "<code>a</code> or <code>&lt;b&gt;</code>"),
        ({"const": True}, "<code>true</code>"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, 'list of <a href="#p-Row">Row</a>'),
        ({"type": "array", "items": True}, "list of anything"),
        ({"type": "array"}, "list of anything"),
        ({}, "object"),
    ],
)
def test_a_type_is_said_in_words(schema: Any, words: str):
    """With links to the shapes in it."""
    assert type_of(schema, "p-") == words


def test_a_call_has_an_example_that_fits_it():
    """As a command, with what the call needs."""
    calls = {call.id: call for group in groups_of(describe()) for call in group.calls}
    assert calls["search"].example == 'curl -H "Authorization: Bearer $TOKEN" $SITE/api/v1/search?q=rome'
    assert calls["begin_visit"].example == "curl -X POST -H 'Origin: https://app.example.org' $SITE/api/v1/visit"
    edit = calls["replace_summary"].example
    assert "-X PUT" in edit
    assert "-H 'If-Match: *'" in edit
    assert '{"text": "Bob plans a trip to Rome."}' in edit


def test_a_shape_that_has_no_fields_has_a_type():
    """Such as a choice between others."""
    (shape,) = shapes_of({"Either": {"oneOf": [{"$ref": "#/x/A"}, {"$ref": "#/x/B"}]}}, "p-")
    assert shape.rows == []
    assert shape.type == '<a href="#p-A">A</a> or <a href="#p-B">B</a>'
