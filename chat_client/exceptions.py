"""Every error of this client, with its code: those of the site, and two of the client's own.

ChatError
├── AccessDenied     the token is not accepted, or not for this
├── LimitReached     too much within a minute
├── TurnFailed       the turn ended without an answer
├── TurnInProgress   the session is answering another message
├── SummaryChanged   somebody has changed the summary meanwhile
├── Unreachable      the site cannot be reached, or not any more
└── NotUnderstood    the answer is not that of this API
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ChatError(Exception):
    """Something was refused, or failed.

    ``code`` is its name, as in the site's documentation, and ``sentence`` says to a person what is wrong and what to
    do. ``retryable``: the same may succeed later, if known after ``retry_after`` seconds. ``status``: of an HTTP call.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.retryable = retryable
        self.retry_after = retry_after
        self.status = status


class AccessDenied(ChatError):
    """The token is not accepted, or not for this."""


class LimitReached(ChatError):
    """The owner or the network has used up a limit."""


class TurnFailed(ChatError):
    """The turn ended without an answer, and nothing of it is remembered. ``reply`` is the text that came before."""

    reply = ""


class TurnInProgress(ChatError):
    """The session is answering another message, in the turn ``turn_id``."""

    turn_id = ""


class SummaryChanged(ChatError):
    """The summary is not the one that was to be edited.

    ``current`` is the text as it is now, if there is one, ``etag`` its tag, and ``yours`` the text that was refused.
    """

    current: str | None = None
    yours: str | None = None
    etag = ""


class Unreachable(ChatError):
    """The site cannot be reached, or its connection was lost and could not be opened again in time."""

    def __init__(self, sentence: str) -> None:
        super().__init__("unreachable", sentence, retryable=True)


class NotUnderstood(ChatError):
    """What answered does not speak this API: the address may be that of another program."""

    def __init__(self, sentence: str, *, status: int | None = None) -> None:
        super().__init__("not_understood", sentence, status=status)


_KINDS: Mapping[str, type[ChatError]] = {
    "access_denied": AccessDenied,
    "turn_in_progress": TurnInProgress,
    "summary_changed": SummaryChanged,
}


def error_of(code: str, sentence: str, **details: Any) -> ChatError:
    """The error with this ``code``; ``details`` are those of `ChatError`."""
    if code.startswith("too_many_"):
        return LimitReached(code, sentence, **{**details, "retryable": True})
    return _KINDS.get(code, ChatError)(code, sentence, **details)
