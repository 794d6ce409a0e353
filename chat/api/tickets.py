"""Tickets for browsers of a frontend whose own server holds a token."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat.api.v1.problems import problem
from chat.components import components
from chat.domain.exceptions import ChatError
from chat.domain.sentences import Situation, sentence
from chat.web.tokens import TICKET_LIFETIME, issue_ticket, read_bearer


@csrf_exempt  # the token is the proof; cookies are ignored
@never_cache
@require_POST
async def ticket(request: HttpRequest) -> HttpResponse:
    """``{"ticket", "expires_in"}`` (seconds) for a bearer token.

    Errors are problem documents with 401, 429 or 503, whose sentence is also their ``error``.
    """
    try:
        token = read_bearer(request.headers.get("Authorization"), "no_bearer")
        await components().grants.confirm(token)
    except ChatError as error:
        return problem(error, Situation.LOOKING, error=sentence(error, Situation.LOOKING))
    return JsonResponse({"ticket": issue_ticket(token), "expires_in": int(TICKET_LIFETIME.total_seconds())})
