"""Problem documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.v1.problems import problem
from chat.domain.exceptions import (
    AccessDenied,
    ChatError,
    MemoryRefused,
    MemoryUnreachable,
    SummaryChanged,
    TooManyPages,
    TurnInProgress,
)
from chat.domain.sentences import Situation, sentence


def test_a_problem_says_what_is_wrong_and_where_to_read_about_it():
    """With the sentence for what the caller was doing, and the code of the websocket."""
    answer = problem(MemoryUnreachable(), Situation.DELETING)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content) == {
        "type": "/docs/api/#memory_unreachable", "title": "Service Unavailable", "status": 503,
        "detail": sentence(MemoryUnreachable(), Situation.DELETING), "code": "memory_unreachable", "retryable": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (AccessDenied("no_credential"), 401, {"WWW-Authenticate": "Bearer"}),
        (AccessDenied("origin", 4403), 403, {}),
        (TooManyPages("visitor", 5, 7), 429, {"Retry-After": "7"}),
        (MemoryUnreachable(), 503, {"Retry-After": "2"}),
        (MemoryRefused(400, "No."), 400, {}),
        (MemoryRefused(401, "No."), 502, {}),
        (MemoryRefused(200, reason="foreign"), 502, {}),
    ],
)
def test_a_problem_has_the_status_and_the_headers_that_programs_act_on(
    error: ChatError, status: int, headers: dict[str, str]
):
    """A refusal by the memory server is the client's mistake only if it is about the request."""
    answer = problem(error)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in headers} == headers


@pytest.mark.parametrize(
    ("error", "more", "found"),
    [
        (TurnInProgress("t1"), {}, {"turn_id": "t1"}),
        (SummaryChanged(), {"current": "a", "yours": "b"}, {"current": "a", "yours": "b"}),
    ],
)
def test_a_problem_can_have_further_members(error: ChatError, more: dict[str, Any], found: dict[str, Any]):
    """Those that another try needs."""
    assert json.loads(problem(error, **more).content).items() >= found.items()
