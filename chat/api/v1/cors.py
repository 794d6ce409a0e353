"""Sharing the API with pages of other origins: those in ``CHAT_ALLOWED_ORIGINS``, and no other."""

from __future__ import annotations

from typing import cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from chat.web.handshake import origin_allowed

#: What pages of another origin may send, and which headers of an answer they may read.
METHODS = "GET, POST, PUT, PATCH, DELETE"
SENT = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-On-Disconnect, X-Run-Id"
EXPOSED = "Content-Disposition, ETag, Location, Retry-After, Served-By"
#: Seconds for which a browser remembers what it may send.
REMEMBERED = 600


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks if a page may send a request."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def share(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """``response``, which the page that has sent ``request`` may read if its origin is allowed."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin")
    if origin is not None and origin_allowed(cast(ASGIRequest, request).scope):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if is_preflight(request):
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = SENT
            response.headers["Access-Control-Max-Age"] = str(REMEMBERED)
    return response
