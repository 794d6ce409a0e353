"""Tickets for browsers of a frontend whose own server holds a token."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat.domain.exceptions import AccessDenied
from chat.domain.sentences import sentence
from chat.web.tokens import TICKET_LIFETIME, issue_ticket, owner_of_token


@csrf_exempt  # the token is the proof; cookies are ignored
@never_cache
@require_POST
async def ticket(request: HttpRequest) -> JsonResponse:
    """``{"ticket", "expires_in"}`` (seconds) for a bearer token; 401 with ``{"error"}`` without a valid one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise AccessDenied("no_bearer")
        owner = owner_of_token(token.strip())
    except AccessDenied as denied:
        return JsonResponse({"error": sentence(denied)}, status=401, headers={"WWW-Authenticate": "Bearer"})
    return JsonResponse({"ticket": issue_ticket(owner), "expires_in": int(TICKET_LIFETIME.total_seconds())})
