"""Who may use the door: the holder of a bearer token. Cookies are ignored, so no page can act for its visitor."""

from __future__ import annotations

import re
from typing import cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from chat.grants.credentials import Token
from chat.web.handshake import origin_allowed
from chat.web.tokens import read_bearer

#: What pages of another origin may send besides what their client library says about itself.
SENT = ("authorization", "content-type", "idempotency-key", "x-session-id", "x-on-disconnect")
#: How OpenAI's client libraries name headers about themselves.
ABOUT_ITSELF = re.compile(r"(x-stainless|openai)-[a-z0-9-]+")
EXPOSED = "Retry-After, Served-By, X-Should-Retry"
#: Seconds for which a browser remembers what it may send.
REMEMBERED = 600


def token_of(request: HttpRequest) -> Token:
    """The token of a request, which may have been revoked. Raises `AccessDenied`: it is missing or foreign."""
    return read_bearer(request.headers.get("Authorization"), "no_token")


def share(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """``response``, which the page that has sent ``request`` may read if its origin is allowed."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin")
    if origin is None or not origin_allowed(cast(ASGIRequest, request).scope):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = ", ".join([*SENT, *_about_itself(request)])
        response.headers["Access-Control-Max-Age"] = str(REMEMBERED)
    return response


def _about_itself(request: HttpRequest) -> list[str]:
    """The headers that the page's client library wants to send about itself."""
    names = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    return [name.strip() for name in names if ABOUT_ITSELF.fullmatch(name.strip())]
