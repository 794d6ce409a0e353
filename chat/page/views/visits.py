"""Checks that a page belongs to the current visit."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeAlias, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.domain.exceptions import AccessDenied
from chat.domain.sentences import sentence
from chat.page import fragments
from chat.web.visitor import OwnedRequest, check_visit

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
