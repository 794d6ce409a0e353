"""Headers of every response."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.web.headers import CONTENT_SECURITY_POLICY, HeadersMiddleware


async def answered(**headers: str) -> HttpResponse:
    """The response to a request whose view has set these headers itself."""

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok", headers=headers)

    return await HeadersMiddleware(view)(AsyncRequestFactory().get("/"))


async def test_an_answer_names_its_worker_and_forbids_foreign_scripts(settings):
    """A response names its worker's name and process, and has the content security policy."""
    settings.CHAT_WORKER = "web.7"
    answer = await answered()
    assert answer["Served-By"] == f"web.7/{os.getpid()}"
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"].split(", ")


async def test_a_view_may_have_a_policy_of_its_own():
    """A policy set by the view is not changed."""
    assert (await answered(**{"Content-Security-Policy": "default-src 'none'"}))["Content-Security-Policy"] == (
        "default-src 'none'"
    )


async def test_parts_of_a_page_have_no_policies_of_documents():
    """Browsers ignore them there, and they would be half of what a first load receives; pictures can be documents."""
    for kind in ("text/javascript; charset=utf-8", "text/css"):
        answer = await answered(**{"Content-Type": kind, "Cross-Origin-Opener-Policy": "same-origin"})
        for policy in ("Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"):
            assert not answer.has_header(policy)
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (await answered(**{"Content-Type": "image/svg+xml"})).has_header("Content-Security-Policy")
