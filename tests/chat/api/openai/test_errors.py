"""Errors in OpenAI's shape."""

from __future__ import annotations

import pytest

from chat.api.openai.errors import HOPELESS, STATUSES, STATUSES_BY_REASON, refusal, refusal_of
from chat.domain.events import TurnFailed, decode, encode
from chat.domain.exceptions import (
    AccessDenied,
    ChatError,
    InvalidRequest,
    InvalidSession,
    MemoryUnreachable,
    ModelBusy,
    TooManyReplays,
    TooManySockets,
    TooManyTurns,
    TurnConflict,
    TurnInProgress,
    Unforeseen,
)
from chat.domain.sentences import SENTENCES
from chat.turns.outcome import failed


@pytest.mark.parametrize(
    ("error", "status", "kind", "headers"),
    [
        (AccessDenied("no_token"), 401, "authentication_error", {"WWW-Authenticate": "Bearer"}),
        (InvalidRequest("no_path"), 404, "invalid_request_error", {}),
        (InvalidRequest("no_method", allowed="POST"), 405, "invalid_request_error", {}),
        (InvalidSession(), 400, "invalid_request_error", {}),
        (TurnInProgress("t"), 409, "invalid_request_error", {"Retry-After": "2"}),
        (TurnConflict(), 409, "invalid_request_error", {"X-Should-Retry": "false"}),
        (TooManyTurns(3, 20), 429, "rate_limit_error", {"Retry-After": "20"}),
        (TooManyReplays(limit=3), 429, "rate_limit_error", {"Retry-After": "60"}),
        (TooManySockets("visitor", limit=50), 429, "rate_limit_error", {"Retry-After": "60"}),
        (MemoryUnreachable(), 503, "server_error", {"Retry-After": "2"}),
        (Unforeseen(), 500, "server_error", {}),
    ],
)
def test_every_error_has_its_status(error: ChatError, status: int, kind: str, headers: dict[str, str]):
    """Client libraries choose an exception by the status, and whether to try again by status and headers."""
    refused = refusal(error)
    assert (refused.status, refused.body.error.type, refused.headers) == (status, kind, headers)
    assert refused.body.error.code == error.code
    assert refused.body.error.message.endswith(".")


def test_an_error_names_the_parameter():
    """In the error, or for all errors with its code."""
    assert refusal(InvalidRequest("completion_parameter", param="n", why="x")).body.error.param == "n"
    assert refusal(InvalidSession()).body.error.param == "metadata.session"
    assert refusal(TurnInProgress("t")).body.error.param is None


def test_a_failed_turn_has_the_status_of_its_error():
    """A program has no message box, in which the message could be kept."""
    refused = refusal_of(failed(MemoryUnreachable()))
    assert refused.status == 503
    assert refused.body.error.message == "Memory is unreachable. Try again in a moment."


@pytest.mark.parametrize(("wait", "seconds"), [(29.2, "30"), (0.0, "1"), (None, "2")])
def test_a_busy_model_has_the_time_after_which_to_try_again(wait: float | None, seconds: str):
    """Client libraries wait as long as the model's server wants them to, or a moment if it does not say."""
    event = decode(encode(failed(ModelBusy("rate", 429, wait))))
    assert isinstance(event, TurnFailed)
    refused = refusal_of(event)
    assert (refused.status, refused.headers) == (503, {"Retry-After": seconds})


def test_every_code_exists():
    """A code that is renamed is renamed here."""
    codes = {key.partition(".")[0] for key in SENTENCES}
    assert {*STATUSES, *HOPELESS} <= codes
    assert {f"invalid_request.{reason}" for reason in STATUSES_BY_REASON} <= set(SENTENCES)


def test_a_token_that_is_not_for_this_is_forbidden():
    """It is valid, so another of its kind would not help."""
    assert refusal(AccessDenied("scope", 4403, scope="turns")).status == 403
