"""Tickets for browsers of a frontend whose own server holds a token."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat.components import components
from chat.domain.exceptions import AccessDenied, RunLogUnreachable
from chat.domain.sentences import Situation, sentence
from chat.web.tokens import TICKET_LIFETIME, issue_ticket, read_token


@csrf_exempt  # the token is the proof; cookies are ignored
@never_cache
@require_POST
async def ticket(request: HttpRequest) -> JsonResponse:
    """``{"ticket", "expires_in"}`` (seconds) for a bearer token; 401 with ``{"error"}`` without one that holds.

    503 with ``{"error"}``: Redis does not know.
    """
    scheme, _, written = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise AccessDenied("no_bearer")
        token = read_token(written.strip())
        await components().grants.confirm(token)
    except AccessDenied as denied:
        return JsonResponse({"error": sentence(denied)}, status=401, headers={"WWW-Authenticate": "Bearer"})
    except RunLogUnreachable as away:
        return JsonResponse({"error": sentence(away, Situation.LOOKING)}, status=503)
    return JsonResponse({"ticket": issue_ticket(token), "expires_in": int(TICKET_LIFETIME.total_seconds())})
