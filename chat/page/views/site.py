"""Addresses that browsers expect on any site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
async def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, at the address where browsers look for it by default."""
    return redirect(static("chat/icon.svg"))
