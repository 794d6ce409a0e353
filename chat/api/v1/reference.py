"""The descriptions of the API as documents for programs, and as a page to read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from chat.api.v1.description import describe
from chat.api.v1.reference_page import groups_of, marked, mistakes, shapes_of

#: The description of the websocket, written by hand.
ASYNCAPI = Path(__file__).parent.parent / "asyncapi.yaml"


@require_safe
async def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the calls, in OpenAPI 3.1."""
    return HttpResponse(msgspec.json.encode(_described()), content_type="application/json")


@require_safe
async def asyncapi(request: HttpRequest) -> HttpResponse:
    """The description of the websocket, in AsyncAPI 3.0."""
    return HttpResponse(ASYNCAPI.read_bytes(), content_type="application/yaml")


@require_safe
async def reference(request: HttpRequest) -> HttpResponse:
    """Both as a page, in English as the API itself, which needs no script."""
    return HttpResponse(_html(), headers={"Content-Language": settings.LANGUAGE_CODE})


@cache
def _described() -> dict[str, Any]:
    return describe(reverse("chat:api-v1:api-root").rstrip("/"))


@cache
def _html() -> str:
    """The same for everybody, and too long to be put together for each."""
    return render_to_string("chat/reference.html", _contents())


def _contents() -> dict[str, Any]:
    described, sockets = _described(), yaml.safe_load(ASYNCAPI.read_text())
    channel = sockets["channels"]["chat"]
    return {
        "about": marked(described["info"]["description"]),
        "groups": groups_of(described),
        "shapes": shapes_of(described["components"]["schemas"], "shape-"),
        "schemes": [
            (name, marked(scheme["description"])) for name, scheme in described["components"]["securitySchemes"].items()
        ],
        "mistakes": mistakes(),
        "socket": {"address": channel["address"], "about": marked(channel["description"])},
        "directions": [_direction(sockets, operation) for operation in sockets["operations"].values()],
        "frames": shapes_of(sockets["components"]["schemas"], "frame-"),
    }


def _direction(sockets: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The frames that go one way, each with the name of its schema."""
    names = [each["$ref"].rpartition("/")[2] for each in operation["messages"]]
    messages = sockets["components"]["messages"]
    frames = [(name, messages[name]["payload"]["$ref"].rpartition("/")[2], messages[name]["summary"]) for name in names]
    return {"title": operation["summary"].removesuffix("."), "frames": frames}
