"""The HTTP status of an error in a stream, whose own status is 200: it is in the error, or follows from its code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

#: Fields of an error that may hold a status or a code, the most telling first.
_FIELDS = ("code", "status", "status_code", "http_status_code", "error_code", "type", "error_type")
#: How deep an error may be inside another.
_DEPTH = 3
#: Codes and types of OpenAI, Azure, Anthropic, Google, Bedrock and others, in lower case, by the status that each has.
_CODES = {
    400: "bad_request badrequest badrequesterror invalid_request_error invalid_argument content_filter invalid_prompt "
    "content_policy_violation data_inspection_failed validationexception context_length_exceeded",
    401: "invalid_api_key authentication_error authenticationerror unauthorized unauthenticated",
    402: "billing_error insufficient_quota insufficient_balance insufficient_credits payment_required "
    "billing_hard_limit_reached",
    403: "permission_error permission_denied permissiondeniederror forbidden accessdeniedexception",
    404: "not_found not_found_error notfounderror model_not_found deploymentnotfound",
    413: "request_too_large",
    429: "rate_limit_exceeded rate_limit_error rate_limit_reached ratelimiterror rate_limited too_many_requests "
    "toomanyrequests throttlingexception resource_exhausted engine_overloaded_error",
    500: "server_error api_error internal internal_error internal_server_error internalservererror "
    "internalserverexception",
    503: "unavailable unavailable_error service_unavailable serviceunavailable service_unavailable_error "
    "serviceunavailableexception",
    504: "timeout timeout_error gateway_timeout deadline_exceeded",
    529: "overloaded overloaded_error",
}
_STATUSES = {code: status for status, codes in _CODES.items() for code in codes.split()}


def status_of(body: object) -> int | None:
    """The status that an error in a stream names in its ``body`` or means by its code; None: neither."""
    return next(_found(body, _DEPTH), None)


def _found(value: object, depth: int) -> Iterator[int]:
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, Mapping) and depth:
        for status in (_status(value.get(name)) for name in _FIELDS):
            if status is not None:
                yield status
        yield from _found(value.get("error"), depth - 1)


def _status(named: object) -> int | None:
    if isinstance(named, str):
        code = named.strip().lower()
        named = int(code) if code.isdecimal() and len(code) == len("429") else _STATUSES.get(code)
    return named if type(named) is int and 400 <= named < 600 else None


def _parsed(text: str) -> object:
    """The error in a ``text`` that is JSON, as it is behind a line of its own in a stream."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
