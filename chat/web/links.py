"""Addresses of the site's own pages, to pass on to other people."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def whole_address(request: HttpRequest, path: str) -> str:
    """The whole address of a path: at the site's own address, if it is known."""
    origin: str = settings.CHAT_PUBLIC_ORIGIN
    return f"{origin}{path}" if origin else request.build_absolute_uri(path)
