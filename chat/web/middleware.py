"""What every asynchronous middleware of the site shares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponse]]


class AsyncMiddleware:
    """A middleware that awaits ``get_response``; Django calls it without a thread if that is a coroutine function."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response of what comes next."""
        return await self.get_response(request)
