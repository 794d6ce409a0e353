"""Errors as RFC 9457 problem documents, with the codes and sentences of the websocket."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from chat.api.v1.errors import ERRORS
from chat.domain.exceptions import ChatError, MemoryRefused, TurnInProgress, Unforeseen
from chat.domain.sentences import Situation, sentence
from chat.metrics import metrics

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"

#: Seconds after which a request may succeed that has failed for an outage.
SOON = 2
#: The memory server's statuses for what a client got wrong, rather than the site.
OF_CLIENT = frozenset({400, 404, 413})


def status_of(error: ChatError) -> HTTPStatus:
    """The status of the response to ``error``."""
    kind = ERRORS.get(error.code, ERRORS["invalid_request"])
    refused_client = isinstance(error, MemoryRefused) and error.status in OF_CLIENT
    return kind.status_for("of_client" if refused_client else error.reason)


def problem(
    error: ChatError, situation: Situation = Situation.LOOKING, /, *, status: HTTPStatus | None = None, **more: Any
) -> HttpResponse:
    """The response to ``error``, with its status unless another is given. ``more`` are further members."""
    metrics().errors.add(1, "http", error.code)
    status = status or status_of(error)
    members: dict[str, Any] = {
        "type": f"{reverse('chat:api-reference')}#{error.code}",
        "title": status.phrase,
        "status": int(status),
        "detail": sentence(error, situation),
        "code": error.code,
        "retryable": error.retryable,
    }
    if isinstance(error, TurnInProgress) and error.turn_id:
        members["turn_id"] = error.turn_id
    response = HttpResponse(msgspec.json.encode(members | more), status=status, content_type=CONTENT_TYPE)
    for name, value in _headers(error, status).items():
        response.headers[name] = value
    return response


def answer_failure(_: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The response to an error that no operation foresees; the log has its details."""
    logger.error("A call of the API failed unexpectedly.", exc_info=error)  # type: ignore[arg-type] # ninja passes no types
    return problem(Unforeseen())


def _headers(error: ChatError, status: HTTPStatus) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return {"Retry-After": str(60 if error.retry_after is None else error.retry_after)}
    return {"Retry-After": str(SOON)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
