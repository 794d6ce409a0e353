"""Outages of the database of accounts: what needs it says so, and chatting goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat.domain.exceptions import AccountsUnreachable
from chat.domain.sentences import Situation
from chat.web.middleware import AsyncMiddleware
from chat.web.wording import worded

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

#: What Django raises when the database is away, or goes away.
AWAY = (OperationalError, InterfaceError)


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a synchronous function that uses the database returns. Raises `AccountsUnreachable`."""
    try:
        return await sync_to_async(function)(*args, **kwargs)
    except AWAY as error:
        logger.warning("The database of accounts and staff cannot be reached. See DATABASE_URL.")
        raise AccountsUnreachable from error


class OutageMiddleware(AsyncMiddleware):
    """Answers 503 with a sentence instead of any page, also of the admin, that fails because the database is away."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """That answer; None for any other exception."""
        if not isinstance(exception, (*AWAY, AccountsUnreachable)):
            return None
        if isinstance(exception, AWAY):
            logger.warning("The database of accounts and staff cannot be used for a page. See DATABASE_URL.")
        said = worded(AccountsUnreachable(), Situation.LOOKING)
        return render(request, "chat/sentence.html", {"sentence": said}, status=503)
