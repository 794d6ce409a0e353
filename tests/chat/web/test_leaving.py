"""Clients that leave during their request."""

from __future__ import annotations

import asyncio
from weakref import finalize

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from chat.web.leaving import LeavingMiddleware
from tests.support.servers import PATIENCE

PLACE = f"{LeavingMiddleware.__module__}.{LeavingMiddleware.__qualname__}"


class File:
    """What a view has in memory."""


async def test_what_a_view_has_in_memory_goes_with_its_client() -> None:
    """Although the cancellation is kept."""
    begun, gone = asyncio.Event(), asyncio.Event()

    async def view(request: HttpRequest) -> HttpResponse:
        file = File()
        finalize(file, gone.set)
        begun.set()
        await asyncio.Event().wait()
        return HttpResponse(file)

    answering = asyncio.create_task(LeavingMiddleware(view)(HttpRequest()))
    await begun.wait()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:
        await answering
    await asyncio.wait_for(gone.wait(), 10 * PATIENCE)
    assert kept.value.__traceback__


def test_it_comes_behind_all_synchronous_middlewares() -> None:
    """At their border the cancellation is kept."""
    behind = settings.MIDDLEWARE[settings.MIDDLEWARE.index(PLACE) :]
    assert all(import_string(path).async_capable for path in behind)
