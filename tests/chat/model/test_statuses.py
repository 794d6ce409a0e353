"""The status of an error in a stream."""

from __future__ import annotations

import json

import pytest

from chat.model.statuses import status_of


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"code": 502, "message": "Provider returned error"}, 502),
        ({"code": "invalid", "status": 429}, 429),
        ({"code": "429", "message": "Slow down."}, 429),
        ({"code": "rate_limit_exceeded", "type": "tokens"}, 429),
        ({"code": None, "type": "overloaded_error"}, 529),
        ({"code": "invalid_api_key", "type": "invalid_request_error"}, 401),
        ({"code": "content_filter"}, 400),
        ({"code": "3051", "type": "invalid_request_error"}, 400),
        ({"status": "RESOURCE_EXHAUSTED"}, 429),
        ({"type": "error", "error": {"type": "overloaded_error"}}, 529),
        ({"error": "Too fast.", "code": "429"}, 429),
        (json.dumps({"error": {"type": "server_error"}}), 500),
    ],
)
def test_a_status_is_named_or_follows_from_a_code(body: object, status: int) -> None:
    """As a number, as digits in text, or as the code or type of some server, the code first."""
    assert status_of(body) == status


@pytest.mark.parametrize(
    "body",
    [
        {"code": 1},
        {"code": True},
        {"code": "200"},
        {"code": "boom"},
        {"code": ["429"]},
        {"code": "٤٢٩x"},
        "429",
        "{",
        None,
    ],
)
def test_without_a_status_or_a_known_code_there_is_none(body: object) -> None:
    """Other numbers and codes mean nothing."""
    assert status_of(body) is None


def test_depth_is_bounded() -> None:
    """An error far inside others makes no work."""
    deep: object = {"code": 429}
    for _ in range(100):
        deep = {"error": deep}
    assert status_of(deep) is None
