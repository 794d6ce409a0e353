"""The pages that a browser asks for by HTTP. What happens in them afterwards comes through the websocket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


async def healthz(request: HttpRequest) -> HttpResponse:
    """``ok``: this worker answers. It asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")
