"""What every browser or probe asks for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
async def healthz(request: HttpRequest) -> HttpResponse:
    """``ok``: this worker answers. It asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
async def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, for pages that name none: a browser asks here by itself."""
    return redirect(static("chat/icon.svg"))
