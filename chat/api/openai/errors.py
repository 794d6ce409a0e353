"""Errors as OpenAI's client libraries expect them: a status, headers, and ``{"error": {…}}``. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus as S

from msgspec import Struct

from chat.domain.events import TurnFailed
from chat.domain.exceptions import AccessDenied, ChatError, TurnInProgress
from chat.domain.sentences import SENTENCES, Situation, sentence

#: The status of each code; that of any other is 400.
STATUSES: Mapping[str, S] = {
    "access_denied": S.UNAUTHORIZED,
    **dict.fromkeys(("turn_in_progress", "turn_conflict", "session_gone", "run_unknown"), S.CONFLICT),
    **dict.fromkeys(("too_many_turns", "too_many_replays", "too_many_sockets"), S.TOO_MANY_REQUESTS),
    "too_many_pages": S.TOO_MANY_REQUESTS,
    "internal": S.INTERNAL_SERVER_ERROR,
    **dict.fromkeys(("model_failed", "model_refused", "model_not_understood", "memory_refused"), S.BAD_GATEWAY),
    **dict.fromkeys(("model_stalled", "model_silent", "model_cut"), S.BAD_GATEWAY),
    **dict.fromkeys(("memory_unreachable", "run_log_unreachable", "model_unreachable"), S.SERVICE_UNAVAILABLE),
    **dict.fromkeys(("model_busy", "answer_restarted", "memory_busy", "run_fenced"), S.SERVICE_UNAVAILABLE),
}
#: The status of a request for something that does not exist here, by the reason.
STATUSES_BY_REASON: Mapping[str, S] = {
    "no_model": S.NOT_FOUND,
    "no_path": S.NOT_FOUND,
    "no_method": S.METHOD_NOT_ALLOWED,
    "completion_too_large": S.REQUEST_ENTITY_TOO_LARGE,
}
#: The close code of a token that holds, but not here or not for this.
FOREIGN = 4403
#: Client libraries try 409, 429 and 5xx again by themselves. With these codes that would be of no use.
HOPELESS = frozenset({"turn_conflict", "session_gone", "run_unknown", "model_refused", "model_cut", "memory_refused"})
#: Seconds after which a busy session may have finished its answer.
BUSY = 2
#: Seconds after which to try again where the error does not say.
WAITS: Mapping[S, int] = {S.TOO_MANY_REQUESTS: 60, S.SERVICE_UNAVAILABLE: 2}

#: The sentences for a person with a message box, and the same for programs, which have none.
_FOR_PROGRAMS = {
    texts[Situation.SENDING]: texts[Situation.LOOKING]
    for texts in SENTENCES.values()
    if isinstance(texts, dict) and Situation.SENDING in texts and Situation.LOOKING in texts
}


class Failure(Struct):
    """What went wrong, in OpenAI's words and this site's."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(Struct):
    """The body of an error, and an event in a stream that has begun."""

    error: Failure


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error with its status and headers."""

    status: int
    headers: Mapping[str, str]
    body: ErrorBody


def refusal(error: ChatError) -> Refusal:
    """The answer to a request that failed with ``error``."""
    status = STATUSES_BY_REASON.get(error.reason) or STATUSES.get(error.code, S.BAD_REQUEST)
    if isinstance(error, AccessDenied) and error.close_code == FOREIGN:
        status = S.FORBIDDEN
    param = error.details.get("param") or _PARAMS.get(error.code)
    return _refusal(status, error.code, sentence(error, Situation.LOOKING), param, _seconds(error))


def refusal_of(event: TurnFailed) -> Refusal:
    """The answer to a request whose turn has failed."""
    status = STATUSES.get(event.code, S.BAD_REQUEST)
    return _refusal(status, event.code, _FOR_PROGRAMS.get(event.reason, event.reason), None, event.retry_after)


_PARAMS = {"invalid_session": "metadata.session", "invalid_text": "messages", "prompt_too_long": "messages"}


def _refusal(status: S, code: str, message: str, param: str | None, seconds: int | None) -> Refusal:
    headers: dict[str, str] = {}
    if status is S.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if (seconds := WAITS.get(status) if seconds is None else seconds) is not None:
        headers["Retry-After"] = str(seconds)
    if code in HOPELESS:
        headers["X-Should-Retry"] = "false"
    return Refusal(int(status), headers, ErrorBody(Failure(message, _type(status), param, code)))


def _type(status: S) -> str:
    if status is S.UNAUTHORIZED:
        return "authentication_error"
    if status is S.TOO_MANY_REQUESTS:
        return "rate_limit_error"
    return "server_error" if status >= S.INTERNAL_SERVER_ERROR else "invalid_request_error"


def _seconds(error: ChatError) -> int | None:
    """The seconds after which the same request may succeed, if that is known."""
    return BUSY if isinstance(error, TurnInProgress) else error.retry_after
