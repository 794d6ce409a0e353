"""Errors as HTTP responses for a browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat.domain.exceptions import ChatError, InvalidRequest, MemoryRefused
from chat.domain.sentences import Situation, sentence
from chat.page import fragments, notices


def error_notice(error: ChatError, situation: Situation = Situation.LOOKING) -> HttpResponse:
    """A sentence beside the message box: 503 if trying again may help, otherwise 400."""
    status = 400 if isinstance(error, InvalidRequest | MemoryRefused) else 503
    return HttpResponse(fragments.notice(sentence(error, situation), notices.ends_with(error)), status=status)


def error_page(request: HttpRequest, error: ChatError, status: int) -> HttpResponse:
    """A page with the error's sentence and a link to a new session."""
    return render(request, "chat/sentence.html", {"sentence": sentence(error)}, status=status)
