"""Every error of the API: its status, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus as S


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """The status and the meaning of a code, and another status for some of its reasons."""

    status: S
    meaning: str
    reasons: Mapping[str, S] | None = None

    def status_for(self, reason: str) -> S:
        """The status of an error with this reason."""
        return (self.reasons or {}).get(reason, self.status)

    @property
    def statuses(self) -> list[int]:
        """All of its statuses, lowest first."""
        return sorted({int(self.status), *map(int, (self.reasons or {}).values())})


_FORBIDDEN = dict.fromkeys(
    ("origin", "csrf", "other_visit", "no_https", "scope", "token_origin", "not_a_service"), S.FORBIDDEN
)

#: By code, in the order of their statuses.
ERRORS: Mapping[str, ErrorKind] = {
    "invalid_request": ErrorKind(S.BAD_REQUEST, "a parameter, a field or the body is not what the call takes"),
    "invalid_session": ErrorKind(S.BAD_REQUEST, "the session's id is malformed"),
    "invalid_message_id": ErrorKind(S.BAD_REQUEST, "the message's id is malformed"),
    "invalid_turn": ErrorKind(S.BAD_REQUEST, "the turn's id, or the `Idempotency-Key`, is malformed"),
    "invalid_details": ErrorKind(S.BAD_REQUEST, "a title, a label, the instructions or a summary cannot be stored"),
    "invalid_import": ErrorKind(S.BAD_REQUEST, "the file cannot be imported"),
    "invalid_share": ErrorKind(S.BAD_REQUEST, "nothing is remembered of the session yet, or there are too many links"),
    "invalid_text": ErrorKind(S.BAD_REQUEST, "a message is empty or too long"),
    "access_denied": ErrorKind(
        S.UNAUTHORIZED, "no credential that holds (401), or one that may not be used here or for this (403)", _FORBIDDEN
    ),
    "unknown_path": ErrorKind(S.NOT_FOUND, "no call has this address"),
    "unknown_session": ErrorKind(S.NOT_FOUND, "nothing is remembered of the session"),
    "unknown_message": ErrorKind(S.NOT_FOUND, "the session has no such message, or no longer"),
    "unknown_version": ErrorKind(S.NOT_FOUND, "the summary has no such version"),
    "share_ended": ErrorKind(S.NOT_FOUND, "the link was revoked, or its session was deleted"),
    "prompt_unknown": ErrorKind(S.NOT_FOUND, "what the model saw is not known, or no longer"),
    "method_not_allowed": ErrorKind(S.METHOD_NOT_ALLOWED, "the address has other methods, which `Allow` names"),
    "turn_in_progress": ErrorKind(S.CONFLICT, "the session is answering; `turn_id` is the turn"),
    "said_since": ErrorKind(S.CONFLICT, "`newest` is not the newest message any more"),
    "session_exists": ErrorKind(S.CONFLICT, "a fork's new id is in use"),
    "session_gone": ErrorKind(S.CONFLICT, "the session was deleted meanwhile"),
    "turn_conflict": ErrorKind(S.CONFLICT, "the `Idempotency-Key` belongs to another request"),
    "message_folded": ErrorKind(S.CONFLICT, "a message to withdraw is in the summary"),
    "messages_removed": ErrorKind(S.CONFLICT, "messages that this needs were removed because of their age"),
    "memory_busy": ErrorKind(S.CONFLICT, "others are changing the session at the same time"),
    "summary_changed": ErrorKind(S.PRECONDITION_FAILED, "the summary is not the one of `If-Match`"),
    "body_too_large": ErrorKind(S.REQUEST_ENTITY_TOO_LARGE, "the body has more than 2.5 MiB"),
    "unseen_summary": ErrorKind(S.PRECONDITION_REQUIRED, "`If-Match` is missing"),
    "too_many_pages": ErrorKind(S.TOO_MANY_REQUESTS, "the calls of this minute are used up"),
    "internal": ErrorKind(S.INTERNAL_SERVER_ERROR, "an error of the site; its log has the details"),
    "not_supported": ErrorKind(S.NOT_IMPLEMENTED, "the memory server, perhaps the original, cannot do this"),
    "memory_refused": ErrorKind(
        S.BAD_GATEWAY,
        "the memory server refused the request (400), or the site itself (502)",
        {"of_client": S.BAD_REQUEST},
    ),
    "memory_unreachable": ErrorKind(S.SERVICE_UNAVAILABLE, "the memory server does not answer, or is full"),
    "run_log_unreachable": ErrorKind(S.SERVICE_UNAVAILABLE, "the site's store does not answer, or is full"),
    "fold_failed": ErrorKind(S.SERVICE_UNAVAILABLE, "the model has not written the summary"),
}
