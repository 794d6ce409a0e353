"""Compressed pages, and those that are not."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory

from chat.web.compression import CompressionMiddleware

PAGE = "<p>This is what you said.</p>" * 100


async def answered(site: str | None, cookie: str = "a=b", answer: Any = None) -> HttpResponse:
    """The answer to a browser that says where its request comes from; a page, unless another one is given."""

    async def view(request: HttpRequest) -> HttpResponse:
        return answer or HttpResponse(PAGE)

    sent = {"Accept-Encoding": "gzip, br", "Cookie": cookie, "Sec-Fetch-Site": site}
    request = AsyncRequestFactory().get("/", headers={name: value for name, value in sent.items() if value})
    return await CompressionMiddleware(view)(request)


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_a_page_for_the_site_itself_or_its_user_is_compressed(site):
    """It unpacks to the same, and caches keep it apart from one that is not compressed."""
    answer = await answered(site)
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) == int(answer["Content-Length"]) < 500
    assert gzip.decompress(answer.content) == PAGE.encode()
    assert {"Accept-Encoding", "Cookie", "Sec-Fetch-Site"} <= {*answer["Vary"].split(", ")}


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
async def test_a_page_that_another_site_may_have_asked_for_is_not(site):
    """Its length would tell what is in it."""
    answer = await answered(site)
    assert not answer.has_header("Content-Encoding")
    assert answer.content == PAGE.encode()
    assert "Sec-Fetch-Site" in answer["Vary"]


async def test_a_page_for_a_stranger_is_compressed_wherever_the_request_comes_from():
    """Without a cookie there is nobody's secret in it."""
    assert (await answered("cross-site", cookie=""))["Content-Encoding"] == "gzip"


async def test_the_same_page_has_another_length_each_time():
    """Bytes at random blur what is left to measure."""
    lengths = {len((await answered("none")).content) for _ in range(20)}
    assert len(lengths) > 3


@pytest.mark.parametrize(
    "answer",
    [HttpResponse(PAGE, content_type="application/json"), StreamingHttpResponse([PAGE]), HttpResponse("<p>short</p>")],
)
async def test_other_answers_are_left_alone(answer):
    """Streams, other types, and pages too short to gain by it."""
    assert not (await answered("none", answer=answer)).has_header("Content-Encoding")
