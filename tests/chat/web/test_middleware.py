"""The base class of the site's middlewares."""

from __future__ import annotations

from typing import cast

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from chat.web.middleware import AsyncMiddleware, GetResponse
from chatsite import settings


async def asynchronous(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def synchronous(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize("name", [name for name in settings.MIDDLEWARE if name.startswith("chat.")])
def test_every_middleware_of_the_site_is_asynchronous(name: str):
    """Django asks each whether it is a coroutine function, and runs any other in a thread."""
    middleware = import_string(name)
    assert issubclass(middleware, AsyncMiddleware)
    assert (middleware.sync_capable, middleware.async_capable) == (False, True)
    assert iscoroutinefunction(middleware(asynchronous))


def test_a_synchronous_site_is_not_taken_for_an_asynchronous_one():
    """The mark depends on what comes after the middleware."""
    assert not iscoroutinefunction(AsyncMiddleware(cast(GetResponse, synchronous)))
