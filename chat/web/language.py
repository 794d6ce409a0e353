"""The language of an answer: that of the page it is for, or else the reader's choice, or else the browser's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse, parse_cookie
from django.utils import translation
from django.utils.cache import patch_vary_headers

from chat.web.handshake import Scope, header
from chat.web.middleware import AsyncMiddleware
from chat.web.programs import is_for_programs

#: What a page sends with its requests, so that they are answered in its own language: a header, and a field in the
#: address of its websocket. The reader may have chosen another one since, in another tab.
PAGE_LANGUAGE, LANGUAGE_FIELD = "Page-Language", "language"


def is_spoken(language: str) -> bool:
    """Whether there are pages in ``language``."""
    return language in dict(settings.LANGUAGES)


def language_of_request(request: HttpRequest) -> str:
    """The language in which ``request`` is answered."""
    page = request.headers.get(PAGE_LANGUAGE, "")
    return page if is_spoken(page) else translation.get_language_from_request(request)


def language_of_socket(scope: Scope) -> str:
    """The language of the frames on a page's websocket."""
    fields = parse_qs(scope["query_string"].decode("latin-1"))
    page = next(iter(fields.get(LANGUAGE_FIELD, [])), "")
    if is_spoken(page):
        return page
    handshake = HttpRequest()
    handshake.COOKIES = parse_cookie(header(scope, b"cookie") or "")
    handshake.META["HTTP_ACCEPT_LANGUAGE"] = header(scope, b"accept-language") or ""
    return translation.get_language_from_request(handshake)


def in_every_language(sentence: str) -> frozenset[str]:
    """``sentence`` as it is in each language that there are pages in."""
    spoken = set()
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            spoken.add(translation.gettext(sentence))
    return frozenset(spoken)


class LanguageMiddleware(AsyncMiddleware):
    """Answers each request in its language; the API speaks only the language of the code.

    Unlike Django's own middleware, it needs no thread.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        for_programs = is_for_programs(request.path)
        language = settings.LANGUAGE_CODE if for_programs else language_of_request(request)
        with translation.override(language):
            cast(_Translated, request).LANGUAGE_CODE = language
            response = await self.get_response(request)
        if language != settings.LANGUAGE_CODE and getattr(response, "is_async", False):
            streamed = cast(StreamingHttpResponse, response)
            streamed.streaming_content = _spoken(cast(AsyncGenerator[bytes], streamed.streaming_content), language)
        if not for_programs and response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ["Accept-Language", "Cookie", PAGE_LANGUAGE])
        return response


async def _spoken(content: AsyncGenerator[bytes], language: str) -> AsyncGenerator[bytes]:
    """``content`` of a response whose pieces are made in ``language``, while they are sent."""
    async with aclosing(content):
        while True:
            with translation.override(language):
                piece = await anext(content, None)
            if piece is None:
                return
            yield piece


class _Translated(HttpRequest):
    """A request with the attribute that Django's own middleware sets."""

    LANGUAGE_CODE: str
