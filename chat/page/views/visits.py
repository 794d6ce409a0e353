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
from chat.domain.exceptions import AccessDenied, ChatError, InvalidRequest, RunLogUnreachable
from chat.domain.sentences import Situation
from chat.domain.session_ids import owned_session
from chat.page import fragments
from chat.page.views.errors import error_notice, error_page
from chat.web.cookies import new_visit
from chat.web.visitor import OwnedRequest, begin_visit, check_visit
from chat.web.wording import worded

View: TypeAlias = Callable[..., Coroutine[Any, Any, HttpResponse]]


def of_this_visit(view: View) -> View:
    """A view for pages of the cookie's owner only; pages of an ended visit get 409 and a sentence."""

    @wraps(view)
    async def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            check_visit(request.headers.get("Page-Owner"), cast(OwnedRequest, request).owner)
        except AccessDenied as error:
            return HttpResponse(fragments.notice(worded(error)), status=409)
        return await view(request, *args, **kwargs)

    return checked


def of_own_session(view: View) -> View:
    """A view that gets the visitor's session in place of its id; 400 and a page for a malformed id."""

    @wraps(view)
    async def checked(request: HttpRequest, session_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            session = owned_session(cast(OwnedRequest, request).owner, session_id)
        except InvalidRequest as error:
            return error_page(request, error, 400)
        return await view(request, session, *args, **kwargs)

    return checked


def answering_errors(answer: Callable[[ChatError], HttpResponse]) -> Callable[[View], View]:
    """Decorates a view of verbs, which gets the visitor's session in place of its id: errors become an ``answer``."""

    def decorate(view: View) -> View:
        @wraps(view)
        async def checked(request: HttpRequest, session_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                session = owned_session(cast(OwnedRequest, request).owner, session_id)
                return await view(request, session, *args, **kwargs)
            except ChatError as error:
                return answer(error)

        return checked

    return decorate


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
