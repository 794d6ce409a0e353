"""The limit on the pages that a visitor opens."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.grants.credentials import Visit
from chat.page.views import pages
from chat.web.page_limit import PageLimit


async def opened(owner: str, *, by_script: bool = False) -> HttpResponse:
    """The answer of a limited view to ``owner``."""

    @pages.limited
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("the page")

    request: Any = AsyncRequestFactory().get("/s/trip")
    request.known_visit, request.htmx = Visit(owner, "v", 0), by_script
    return await view(request)


@pytest.mark.parametrize(("by_script", "beginning"), [(False, "<!doctype html>"), (True, "<hx-partial")])
async def test_a_page_too_many_is_a_sentence(
    settings: Any, monkeypatch: pytest.MonkeyPatch, by_script: bool, beginning: str
):
    """A page of its own, or a notice on the page that asked; either says when to try again."""
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    limit = PageLimit(per_visitor=1, per_address=0)
    monkeypatch.setattr(pages, "page_limit", lambda: limit)
    assert (await opened("bob")).text == "the page"
    refused = await opened("bob", by_script=by_script)
    assert (refused.status_code, refused.text.startswith(beginning)) == (429, True)
    assert f"Try again in {refused['Retry-After']} seconds." in refused.text
    assert (await opened("eve")).text == "the page"
