"""Bodies of requests and answers as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser
from ninja.renderers import BaseRenderer


class StrictParser(Parser):
    """Reads JSON in UTF-8. Half a character and NaN, which Python's own reader accepts, are mistakes."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The object in the body. Raises `msgspec.DecodeError`."""
        return msgspec.json.decode(request.body, type=dict[str, Any])


class Renderer(BaseRenderer):
    """Writes JSON in UTF-8."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """``data`` as JSON."""
        return msgspec.json.encode(data)
