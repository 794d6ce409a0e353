"""What a model's failure means, by the recorded answers of many servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from motorhead.exceptions import ModelBusy, ModelFailed, RolesRefused, TextRefused, TextTooLarge
from motorhead.model.failures import LONGEST_WAIT, asked_wait, failure, failure_in
from tests.support.servers import REPOSITORY

RECORDED = [
    json.loads(line)
    for line in (REPOSITORY / "tests" / "support" / "recorded" / "model_failures.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("answer", RECORDED, ids=lambda answer: f"{answer['server']}, {answer['status']}")
def test_a_recorded_failure_has_its_meaning(answer: dict[str, Any]) -> None:
    """However a server words it, the failure is recognised; the sentence names the status and quotes nothing."""
    error = failure("test model", answer["status"], answer["body"], answer["headers"])
    assert type(error).__name__ == answer["means"]
    assert str(error).startswith("The test model")
    assert f"status {answer['status']}" in str(error)


def test_a_failure_is_recognised_in_bounded_time() -> None:
    """Only the beginning of a body is searched, and a body of one repeated character is searched quickly."""
    for pattern in ("context ", "role", "exceed the ", "retry in 1", "\\"):
        assert type(failure("test model", 500, pattern * 1_000_000, {})) is ModelFailed


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "45"}, "", 45.0),
        ({"retry-after": " 1.5 "}, "", 1.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        ({"retry-after": "86400"}, "", LONGEST_WAIT),
        ({"retry-after": "-5"}, "", 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, "", 0.0),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "Wed, 99 Oct 99999 07:28:00 GMT"}, "", None),
        ({}, "Please try again in 1m12.5s.", 72.5),
        ({}, "Please try again in 20ms.", 0.02),
        ({}, "Please retry after 33 seconds.", 33.0),
        ({}, '{"retryDelay": "34s"}', 34.0),
        ({}, "Please try again later.", None),
        ({}, "", None),
    ],
)
def test_the_wait_that_a_model_asks_for(headers: dict[str, str], body: str, seconds: float | None) -> None:
    """It is read from the headers or, where they say nothing, from the words, and it is bounded."""
    wait = asked_wait(headers, body)
    assert wait == (None if seconds is None else pytest.approx(seconds))
    error = failure("test model", 429, body, headers)
    assert isinstance(error, ModelBusy)
    assert error.seconds == wait


def test_a_wait_until_a_date() -> None:
    """An HTTP date means the seconds until then."""
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    wait = asked_wait({"retry-after": then}, "")
    assert wait is not None
    assert 30 < wait <= 60


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b'{"error":{"code":400,"message":"This endpoint\'s maximum context length is 9 tokens."}}', TextTooLarge),
        (b'{"error":{"code":429,"message":"Rate limited."}}', ModelBusy),
        (b'{"error":{"code":502,"message":"Upstream."}}', ModelFailed),
        (b'{"error":{"code":403,"message":"Your input was flagged."}}', TextRefused),
        (b' {"error":"System role not supported"}', RolesRefused),
        (b'{"error":null,"choices":[]}', None),
        (b'{"error":', None),
        (b'{"choices":[{"message":{"content":"The error is yours."}}]}', None),
        (b'{"errors":1}', None),
    ],
)
def test_an_error_under_status_200_is_an_error(answer: bytes, error: type[Exception] | None) -> None:
    """Some gateways send an error as an ordinary answer; its code is then the status."""
    found = failure_in("test model", answer)
    assert (type(found) if found else None) is error
