"""The reader's choice of a language."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from chat.web.language import is_spoken

#: For so long a browser keeps the choice.
KEPT = timedelta(days=365)


@never_cache
@require_POST
async def choose(request: HttpRequest) -> HttpResponse:
    """Keep ``language`` in a cookie, and show the page again, or the one at ``back``; 400 if no page is in it."""
    language = request.POST.get("language", "")
    if not is_spoken(language):
        return HttpResponse(gettext("There are no pages in this language."), status=400, content_type="text/plain")
    by_script = request.htmx  # type: ignore[attr-defined]
    response = HttpResponseClientRefresh() if by_script else redirect(_place(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _place(request: HttpRequest) -> str:
    """The address on this site in the form's field ``back``; a new session for any other."""
    place = request.POST.get("back", "")
    mine = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if mine else reverse("chat:home")
