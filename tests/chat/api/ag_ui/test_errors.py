"""Errors before a stream begins."""

from __future__ import annotations

import json

import pytest
from django.test import override_settings

from chat.api.ag_ui.errors import refused
from chat.api.ag_ui.inputs import MAX_INPUT, decode
from chat.domain.exceptions import (
    AccessDenied,
    AlreadyAnswered,
    ChatError,
    InvalidFrame,
    MemoryUnreachable,
    RunUnknown,
    SaidSince,
    TooManyTurns,
    TurnConflict,
    TurnInProgress,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AccessDenied("no_credential"), 401),
        (AccessDenied("origin", 4403), 403),
        (RunUnknown(), 404),
        (TurnInProgress("t"), 409),
        (TurnConflict(), 409),
        (AlreadyAnswered(), 409),
        (SaidSince(), 409),
        (InvalidFrame("no_user_message"), 400),
        (InvalidFrame("file"), 400),
        (TooManyTurns(limit=3, retry_after=7), 429),
        (MemoryUnreachable(), 503),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_an_error_is_a_problem_document(error: ChatError, status: int):
    """With the codes and sentences of the websocket."""
    response = refused(error)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    body = json.loads(response.content)
    assert (body["status"], body["code"], body["detail"][-1]) == (status, error.code, ".")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b"{}", 400),
        (b'{"type":"x"}', 400),
        (b" " * (MAX_INPUT + 1), 413),
    ],
)
@override_settings(ROOT_URLCONF="chatsite.urls")
def test_a_mistake_in_a_body_is_not_called_one_in_a_frame(body: bytes, status: int):
    """The sentence fits the request."""
    with pytest.raises(InvalidFrame) as error:
        decode(body)
    response = refused(error.value)
    assert response.status_code == status
    assert "frame" not in json.loads(response.content)["detail"]
