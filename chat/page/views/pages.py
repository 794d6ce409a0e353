"""Limits the pages that a visitor opens."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from chat.domain.exceptions import TooManyPages
from chat.page.views.errors import error_notice, error_page
from chat.page.views.visits import View
from chat.web.addresses import network_of_request
from chat.web.page_limit import page_limit
from chat.web.visitor import OwnedRequest


def limited(view: View) -> View:
    """A view that counts as opening a page; 429 and a sentence for too many."""

    @wraps(view)
    async def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            visit = cast(OwnedRequest, request).known_visit
            page_limit().take(visit.owner if visit else None, network_of_request(request))
        except TooManyPages as error:
            return _refusal(request, error)
        return await view(request, *args, **kwargs)

    return counted


def _refusal(request: HttpRequest, error: TooManyPages) -> HttpResponse:
    by_script = request.htmx  # type: ignore[attr-defined]
    answer = error_notice(error) if by_script else error_page(request, error, 429)
    answer.status_code = 429
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer
