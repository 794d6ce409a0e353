"""For a site with an https address: browsers never use plain http again, and visitors who do are redirected."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from chat.web.middleware import AsyncMiddleware


class HttpsMiddleware(AsyncMiddleware):
    """Adds ``Strict-Transport-Security``, and redirects requests that reached the proxy by plain http.

    Does nothing without an https address in ``CHAT_PUBLIC_URL``. A request without ``X-Forwarded-Proto`` is not
    redirected, unlike by Django's own middleware: behind a proxy that does not send it, there would be no end to it.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.CHAT_PUBLIC_ORIGIN.startswith("https:"):
            return await self.get_response(request)
        if request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower() == "http":
            address = settings.CHAT_PUBLIC_ORIGIN + request.get_full_path()
            return HttpResponsePermanentRedirect(address, preserve_request=True)
        response = await self.get_response(request)
        if settings.CHAT_HSTS_DAYS:
            response.headers["Strict-Transport-Security"] = f"max-age={settings.CHAT_HSTS_DAYS * 86_400}"
        return response
