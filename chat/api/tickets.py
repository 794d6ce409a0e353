"""Tickets for browsers of a frontend whose own server holds a token."""

from __future__ import annotations

from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from chat.api.v1.grants import TicketFor, ticket_for
from chat.api.v1.mistakes import mistake
from chat.api.v1.problems import problem
from chat.components import components
from chat.domain.exceptions import BodyTooLarge, ChatError, InvalidRequest
from chat.domain.sentences import Situation, sentence
from chat.web.tokens import read_bearer


@csrf_exempt  # the token is the proof; cookies are ignored
@never_cache
@require_POST
async def ticket(request: HttpRequest) -> HttpResponse:
    """``{"ticket", "expires_in"}`` (seconds) for a bearer token. The body is that of ``POST /api/v1/ticket``.

    Errors are problem documents with a status of 4xx or 503, whose sentence is also their ``error``.
    """
    try:
        token = read_bearer(request.headers.get("Authorization"), "no_bearer")
        access = await components().grants.confirm(token, request.headers.get("Origin"))
        bought = ticket_for(token, access, _wanted(request))
    except ChatError as error:
        return problem(error, Situation.LOOKING, error=sentence(error, Situation.LOOKING))
    return JsonResponse(bought.model_dump())


def _wanted(request: HttpRequest) -> TicketFor:
    """The ticket that the body describes. Raises `InvalidRequest`."""
    try:
        return TicketFor.model_validate(msgspec.json.decode(request.body, type=dict[str, Any]) if request.body else {})
    except ValidationError as error:
        raise mistake([{**each, "loc": ("body", "wanted", *each["loc"])} for each in error.errors()]) from None
    except RequestDataTooBig:
        raise BodyTooLarge from None
    except (msgspec.DecodeError, UnreadablePostError):
        raise InvalidRequest("not_json") from None
