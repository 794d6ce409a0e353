"""Errors as HTTP responses for a browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat.domain.exceptions import (
    ChatError,
    InvalidRequest,
    MemoryRefused,
    MessagesRemoved,
    NotSupported,
    SummaryChanged,
    UnknownMessage,
)
from chat.domain.sentences import Situation
from chat.metrics import metrics
from chat.page import fragments, notices
from chat.web.wording import worded

#: The errors that trying the same again does not mend.
FINAL = (InvalidRequest, MemoryRefused, MessagesRemoved, NotSupported, SummaryChanged, UnknownMessage)


def error_notice(error: ChatError, situation: Situation = Situation.LOOKING) -> HttpResponse:
    """A sentence beside the message box: 503 if trying again may help, otherwise 400."""
    metrics().errors.add(1, "page", error.code)
    said = fragments.notice(worded(error, situation), notices.ends_with(error))
    return HttpResponse(said, status=status_of(error))


def status_of(error: ChatError) -> int:
    """503 if trying again may help, otherwise 400."""
    return 400 if isinstance(error, FINAL) else 503


def error_page(request: HttpRequest, error: ChatError, status: int) -> HttpResponse:
    """A page with the error's sentence and a link to a new session."""
    metrics().errors.add(1, "page", error.code)
    return render(request, "chat/sentence.html", {"sentence": worded(error)}, status=status)
