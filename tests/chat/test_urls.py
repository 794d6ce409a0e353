"""Every path of the chat leads where its name says."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, resolve, reverse

from chat.api import tickets
from chat.page.views import visitor
from chat.urls import urlpatterns


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_a_name_leads_to_a_path_and_back(pattern: URLPattern):
    """Templates and scripts know paths by these names."""
    path = reverse(f"chat:{pattern.name}", args=["trip"] * len(pattern.pattern.converters))
    assert resolve(path).func is pattern.callback


@pytest.mark.parametrize(
    ("path", "view"), [("/", visitor.home), ("/s/trip", visitor.session_page), ("/api/ticket", tickets.ticket)]
)
def test_the_paths_that_others_know(path: str, view: object):
    """What stands in bookmarks and in other programs stays."""
    assert resolve(path).func is view
