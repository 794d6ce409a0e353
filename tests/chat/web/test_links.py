"""Whole addresses of the site's pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from chat.web.links import whole_address


@pytest.mark.parametrize(
    ("origin", "address"),
    [("https://chat.example.org", "https://chat.example.org/shared/x"), ("", "http://localhost:8000/shared/x")],
)
def test_an_address_begins_with_that_of_the_site(settings: Any, origin: str, address: str):
    """Or with the Host of the request, on a site that does not know its own."""
    settings.CHAT_PUBLIC_ORIGIN = origin
    request = RequestFactory().get("/", headers={"Host": "localhost:8000"})
    assert whole_address(request, "/shared/x") == address
