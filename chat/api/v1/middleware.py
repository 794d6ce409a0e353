"""What all answers below ``/api/`` have in common."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from chat.api.v1.cors import is_preflight, share
from chat.api.v1.problems import problem
from chat.domain.exceptions import BodyTooLarge, ChatError, InvalidRequest, MethodNotAllowed, UnknownPath
from chat.web.middleware import AsyncMiddleware

#: The first segment of the path of every call.
ROOT = "/api/"
#: The headers of an answer that are also those of one without its body.
KEPT = ("Cache-Control", "ETag", "Vary")


class ApiMiddleware(AsyncMiddleware):
    """Shares answers with allowed origins, makes errors problem documents, and says when nothing has changed.

    Place it before every middleware that looks at a visitor.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ROOT):
            return await self.get_response(request)
        if is_preflight(request):
            return share(request, HttpResponse(status=204))
        response = await self.get_response(request)
        if (error := _error_in(request, response)) is not None:
            allowed = response.get("Allow")
            response = problem(error)
            if allowed is not None:
                response.headers["Allow"] = allowed
        patch_vary_headers(response, ["Authorization", "Cookie"])
        response.setdefault("Cache-Control", "private, no-store")
        return share(request, _unless_known(request, response))


def _error_in(request: HttpRequest, response: HttpResponse) -> ChatError | None:
    """The error that a page of Django's stands for; None for an answer of the API's own."""
    if response.status_code < 400 or "json" in response.get("Content-Type", ""):
        return None
    if isinstance(response, HttpResponseNotAllowed):
        return MethodNotAllowed(method=request.method, allowed=response["Allow"])
    if response.status_code == 413:
        return BodyTooLarge()
    return UnknownPath() if response.status_code == 404 else InvalidRequest("not_json")


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """``response`` to a read with its ETag, or 304 if the client has it already."""
    if request.method != "GET" or response.status_code != 200 or response.streaming:
        return response
    if "ETag" not in response.headers:
        response.headers["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    if known & {"*", response["ETag"].removeprefix("W/")}:
        kept = {name: response[name] for name in KEPT if name in response}
        return HttpResponseNotModified(headers=kept)
    return response
