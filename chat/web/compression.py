"""Pages are sent compressed where nobody can measure a secret by it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

from chat.web.middleware import AsyncMiddleware

#: Where a browser says that a request comes from: a page of this site, or its user (an address, a bookmark, a reload).
OWN = frozenset({"same-origin", "none"})


async def _nothing(request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError  # only the compression is used


class CompressionMiddleware(AsyncMiddleware):
    """Compresses HTML, unless another site may have made the browser ask for it with the visitor's cookies.

    Who reads the lengths of compressed pages on the wire, and has a browser ask for pages with guesses in their
    addresses, learns what a page says (BREACH). Such requests come from another site's page, so their answers are not
    compressed, nor are those to a browser that does not say where its requests come from. Besides, Django masks the
    CSRF token differently in each page, and adds bytes at random to each compressed one.
    """

    _gzip = GZipMiddleware(_nothing)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        response = await self.get_response(request)
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        patch_vary_headers(response, ("Cookie", "Sec-Fetch-Site"))
        if request.COOKIES and request.headers.get("Sec-Fetch-Site") not in OWN:
            return response
        self._gzip.process_response(request, response)  # in place
        return response
