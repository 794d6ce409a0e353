"""The visit of a page: whether it is still the browser's, and its end."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeAlias, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from chat.components import components
from chat.domain.exceptions import AccessDenied, RunLogUnreachable
from chat.domain.sentences import Situation, sentence
from chat.page import fragments
from chat.page.views.errors import error_notice
from chat.web.cookies import new_visit
from chat.web.visitor import OwnedRequest, begin_visit, check_visit

View: TypeAlias = Callable[..., Coroutine[Any, Any, HttpResponse]]


def of_this_visit(view: View) -> View:
    """A view for pages of the cookie's owner only; pages of an ended visit get 409 and a sentence."""

    @wraps(view)
    async def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            check_visit(request.headers.get("Page-Owner"), cast(OwnedRequest, request).owner)
        except AccessDenied as error:
            return HttpResponse(fragments.notice(sentence(error)), status=409)
        return await view(request, *args, **kwargs)

    return checked


@never_cache
@require_safe
@of_this_visit
async def visit(request: HttpRequest) -> HttpResponse:
    """204: the page still belongs to its visitor."""
    return HttpResponse(status=204)


@never_cache
@require_POST
@of_this_visit
async def sign_out(request: HttpRequest) -> HttpResponse:
    """End the visit, or all of its owner's with ``?everywhere=yes``; the browser goes on as a new visitor."""
    visit, visits = cast(OwnedRequest, request).visit, components().grants.visits
    try:
        await (visits.end_all(visit.owner) if request.GET.get("everywhere") == "yes" else visits.end(visit))
    except RunLogUnreachable as error:
        return error_notice(error, Situation.SIGNING_OUT)
    begin_visit(request, new_visit())
    return HttpResponseClientRedirect(reverse("chat:home"))
