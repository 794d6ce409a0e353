"""A shared session, for those who have a link to it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.components import components
from chat.domain.exceptions import ChatError, ShareEnded, TooManyPages
from chat.page.bubbles import bubbles_of, replies_of
from chat.page.drawing import draw
from chat.page.views.errors import error_page
from chat.sessions.sharing import SharedSession, read_shared
from chat.web.addresses import network_of_request
from chat.web.page_limit import page_limit
from chat.web.paging import page_number

#: Nothing runs, nothing is sent, and a click on a link in a message does not say where it was.
PRIVACY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}

View = Callable[..., Coroutine[Any, Any, HttpResponse]]


def _private(view: View) -> View:
    """A view whose answers, also those about errors, have the headers of `PRIVACY`."""

    @wraps(view)
    async def headed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = await view(request, *args, **kwargs)
        for name, value in PRIVACY.items():
            response.headers[name] = value
        return response

    return headed


@never_cache
@require_safe
@_private
async def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """The session of a link, read-only: the newest messages, or those before ``?before=``. 404 for one that has ended.

    It is limited by address, whatever cookies come with the request.
    """
    before = page_number(request.GET.get("before", ""))
    try:
        page_limit().take(None, network_of_request(request))
        parts = components()
        found = await read_shared(secret, str(before) if before else None, parts.memory, parts.grants.shares)
    except TooManyPages as error:
        answer = error_page(request, error, 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except ChatError as error:
        return error_page(request, error, 404 if isinstance(error, ShareEnded) else 503)
    said = found.page.messages
    return await draw(replies_of(said), _page, request, found, is_newest=before is None)


def _page(request: HttpRequest, found: SharedSession, *, is_newest: bool) -> HttpResponse:
    context = {
        "title": found.title,
        "summary": found.memory.context,
        "bubbles": bubbles_of(found.page.messages),
        "before": found.page.before,
        "is_newest": is_newest,
    }
    return render(request, "chat/shared.html", context)
