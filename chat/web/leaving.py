"""Clients that leave during their request: what was under way leaves memory with them."""

from __future__ import annotations

from asyncio import CancelledError
from traceback import clear_frames

from django.http import HttpRequest, HttpResponse

from chat.web.middleware import AsyncMiddleware


class LeavingMiddleware(AsyncMiddleware):
    """Empties the frames of a request that is cancelled.

    For the synchronous middleware before it, asgiref keeps the cancellation in a circle of references, and with it all
    that its frames hold, such as a file to import. The garbage of a request that took long is hardly ever collected.
    """

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response of what comes next."""
        try:
            return await self.get_response(request)
        except CancelledError as error:
            clear_frames(error.__traceback__)
            raise
