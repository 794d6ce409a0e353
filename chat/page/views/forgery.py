"""The answer to a request that may be forged: it lacks what proves that a page of this site has sent it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN

from chat.domain.exceptions import AccessDenied
from chat.page.views.errors import error_notice, error_page

#: How Django's reason begins if the page's origin is not the request's address.
OTHER_ORIGIN = REASON_BAD_ORIGIN.partition("%s")[0]


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 and a sentence: a notice for the page's script, otherwise a page of its own. ``reason`` is Django's."""
    error = AccessDenied("unknown_address" if reason.startswith(OTHER_ORIGIN) else "unproven", 4403)
    by_script = request.htmx  # type: ignore[attr-defined]
    answer = error_notice(error) if by_script else error_page(request, error, 403)
    answer.status_code = 403
    return answer
