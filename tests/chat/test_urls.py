"""The paths of the chat and their names."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, resolve, reverse

from chat.api import tickets
from chat.page.views import visitor
from chat.urls import urlpatterns

#: The paths of pages. Those of the API are in its description, with which its own tests compare them.
PATTERNS = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_a_name_leads_to_a_path_and_back(pattern: URLPattern):
    """Every name, as used by templates and scripts, leads to its path and back."""
    path = reverse(f"chat:{pattern.name}", args=["7"] * len(pattern.pattern.converters))
    assert resolve(path).func is pattern.callback


@pytest.mark.parametrize(
    ("path", "view"), [("/", visitor.home), ("/s/trip", visitor.session_page), ("/api/ticket", tickets.ticket)]
)
def test_the_paths_that_others_know(path: str, view: object):
    """Paths that are in bookmarks and other programs do not change."""
    assert resolve(path).func is view
