"""The paths of the admin and the chat."""

from __future__ import annotations

import pytest
from django.urls import resolve

from chat.monitoring import middleware
from chat.routing import websocket_urlpatterns
from chat.web import health
from chatsite.installed import OWN_PATHS
from chatsite.urls import urlpatterns


@pytest.mark.parametrize(
    ("path", "name"), [("/admin/", "admin:index"), ("/", "chat:home"), ("/sessions", "chat:sessions")]
)
def test_a_path_leads_to_its_app(path: str, name: str):
    """The admin has the paths under /admin/, the chat all others."""
    assert resolve(path).view_name == name


def test_no_path_of_the_site_is_free_to_be_a_sub_path():
    """The first segments of all paths, and those of static files and health checks, are listed in the settings."""
    routes = [str(one.pattern) for one in (*urlpatterns, *urlpatterns[-1].url_patterns, *websocket_urlpatterns)]
    segments = {route.split("/")[0] for route in routes if not route.startswith("<")}
    others = {"static", *(path.strip("/") for path in (health.ALIVE, health.READY, middleware.PATH))}
    assert segments - {""} | others == OWN_PATHS
