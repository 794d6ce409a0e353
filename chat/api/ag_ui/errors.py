"""Errors of a request before its stream begins: problem documents, as everywhere below ``/api/``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus as S

from django.http import HttpResponse

from chat.api.v1.problems import problem
from chat.domain.exceptions import BodyTooLarge, ChatError, InvalidFrame, InvalidRequest

#: The status of each code that the other calls do not have.
STATUSES: Mapping[str, S] = {
    "run_unknown": S.NOT_FOUND,
    **dict.fromkeys(("turn_in_progress", "turn_conflict", "session_gone", "already_answered"), S.CONFLICT),
    **dict.fromkeys(("too_many_turns", "too_many_replays", "too_many_sockets"), S.TOO_MANY_REQUESTS),
}


def refused(error: ChatError) -> HttpResponse:
    """The response to a request that failed with ``error``."""
    if isinstance(error, InvalidFrame):
        error = _about_body(error)
    return problem(error, status=STATUSES.get(error.code))


def _about_body(error: InvalidFrame) -> ChatError:
    """The same mistake, which was not made in a frame."""
    match error.reason:
        case "too_long_history":
            return BodyTooLarge()
        case "not_json" | "too_deep":
            return InvalidRequest("not_json")
        case "malformed":
            return InvalidRequest("no_run", problem=error.details["problem"])
        case "type":
            return InvalidRequest("no_run", problem="it has a type")
    return error
