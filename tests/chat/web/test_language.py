"""The language of an answer."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory
from django.utils.translation import get_language

from chat.web.language import LanguageMiddleware, language_of_socket


async def answered(path: str = "/", *, cookie: str = "", kind: str = "text/html", **headers: str) -> HttpResponse:
    """The response to a request, which says in which language it was made."""

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(get_language(), content_type=kind)

    request = AsyncRequestFactory().get(path, headers=headers)
    if cookie:
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = cookie
    return await LanguageMiddleware(view)(request)


@pytest.mark.parametrize(
    ("page", "cookie", "accepted", "language"),
    [
        ("", "", "", "en"),
        ("", "", "*", "en"),
        ("", "", "fr, de-CH;q=0.8, en;q=0.5", "de"),
        ("", "", "en-GB, de;q=0.9", "en"),
        ("", "de", "en", "de"),
        ("", "xx", "de", "de"),
        ("en", "de", "de", "en"),
        ("xx", "de", "en", "de"),
    ],
)
async def test_a_language_is_chosen(page, cookie, accepted, language):
    """First that of the page, then the reader's choice, then the browser's, then English; for requests and sockets."""
    found = await answered(cookie=cookie, **{"Page-Language": page, "Accept-Language": accepted})
    assert found.content.decode() == language
    headers = [
        (b"accept-language", accepted.encode()),
        (b"cookie", f"{settings.LANGUAGE_COOKIE_NAME}={cookie}".encode()),
    ]
    scope: dict[str, Any] = {"headers": headers, "query_string": f"shows=a&language={page}".encode()}
    assert language_of_socket(scope) == language
    assert get_language() == settings.LANGUAGE_CODE


async def test_an_answer_names_its_language():
    """For people, and for caches, which must not give it to readers of another one."""
    found = await answered(**{"Accept-Language": "de"})
    assert found["Content-Language"] == "de"
    assert set(found["Vary"].split(", ")) == {"Accept-Language", "Cookie", "Page-Language"}
    assert "Content-Language" not in await answered(kind="application/json")


async def test_what_is_made_while_it_is_sent_has_the_language_too():
    """Such as the lines of an import's report."""

    async def lines():
        for _ in range(2):
            yield get_language()

    async def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(lines())

    request = AsyncRequestFactory().get("/", headers={"Accept-Language": "de"})
    response: Any = await LanguageMiddleware(cast(Any, view))(request)
    assert [piece async for piece in response] == [b"de", b"de"]
    assert get_language() == settings.LANGUAGE_CODE


async def test_the_api_speaks_english():
    """Its sentences are for developers and their logs."""
    found = await answered("/api/ticket", cookie="de")
    assert found.content == b"en"
    assert "Vary" not in found
