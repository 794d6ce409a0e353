"""Headers of every response: the worker that served it, and what the browser may load, run and share."""

from __future__ import annotations

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chat.web.middleware import AsyncMiddleware

#: Everything is loaded from this site, and inline scripts do not run. Websockets of the same host count as 'self'.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

#: Abilities of a browser that no page here uses, also not in what a model wrote.
UNUSED = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen"),
    *("geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
)

#: Besides these, Django sends ``Cross-Origin-Opener-Policy``, ``Referrer-Policy`` and ``X-Content-Type-Options``.
POLICIES = {"Cross-Origin-Resource-Policy": "same-origin"}
#: What a browser applies to documents. Scripts and style sheets, of which a page has dozens, go without.
DOCUMENT_POLICIES = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": ", ".join(f"{ability}=()" for ability in UNUSED),
}
#: The types that are never a document.
PARTS = ("text/javascript", "text/css")


def served_by() -> str:
    """This worker's name and process id, such as ``web.1/4711``, for tests and operators to tell workers apart."""
    return f"{settings.CHAT_WORKER}/{os.getpid()}"


class HeadersMiddleware(AsyncMiddleware):
    """Adds ``Served-By`` and the policies, except those that the view has set. Removes one of documents from others."""

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        response = await self.get_response(request)
        response.setdefault("Served-By", served_by())
        is_part = response.headers.get("Content-Type", "").startswith(PARTS)
        for name, policy in (POLICIES if is_part else POLICIES | DOCUMENT_POLICIES).items():
            response.setdefault(name, policy)
        if is_part:
            del response["Cross-Origin-Opener-Policy"]
        return response
