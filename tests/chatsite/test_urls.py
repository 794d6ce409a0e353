"""The paths of the admin and the chat."""

from __future__ import annotations

import pytest
from django.urls import resolve


@pytest.mark.parametrize(
    ("path", "name"), [("/admin/", "admin:index"), ("/", "chat:home"), ("/healthz", "chat:healthz")]
)
def test_a_path_leads_to_its_app(path: str, name: str):
    """The admin has the paths under /admin/, the chat all others."""
    assert resolve(path).view_name == name
