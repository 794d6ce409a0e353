"""What all answers of this door have in common: methods, errors, caching, and sharing with other origins."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from chat.api.openai.access import share
from chat.api.openai.errors import Refusal, refusal
from chat.domain.exceptions import ChatError, InvalidRequest, Unforeseen
from chat.metrics import metrics

logger = logging.getLogger(__name__)

P = ParamSpec("P")
View: TypeAlias = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def door(method: str | None) -> Callable[[View[P]], View[P]]:
    """Makes a view one of this door's: it takes ``method`` (None: any), and its errors are those of OpenAI's API."""

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt  # the token is the proof; cookies are ignored
        @never_cache
        @wraps(view)
        async def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "OPTIONS":
                return share(request, HttpResponse(status=204))
            try:
                if method not in {request.method, None}:
                    raise InvalidRequest("no_method", allowed=method)
                return share(request, await view(request, *args, **kwargs))
            except ChatError as error:
                return share(request, refused(reported(error)))
            except Exception:
                logger.exception("A request of the OpenAI-shaped API failed unexpectedly.")
                return share(request, refused(reported(Unforeseen())))

        return guarded

    return decorate


def reported(error: ChatError) -> Refusal:
    """The answer to a request that failed with ``error``, which is counted."""
    metrics().errors.add(1, "openai", error.code)
    return refusal(error)


def answered(body: object, status: int = 200) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")


def refused(refusal: Refusal) -> HttpResponse:
    """An error's answer."""
    answer = answered(refusal.body, refusal.status)
    for name, value in refusal.headers.items():
        answer.headers[name] = value
    return answer
