"""Outages of the database of accounts. A real one is in ``tests/system/test_postgresql.py``."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory

from chat.accounts.outages import OutageMiddleware, in_database
from chat.domain.exceptions import AccountsUnreachable


def failing(error: Exception) -> Any:
    """Ask a database that fails with ``error``."""
    raise error


async def view(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize("error", [OperationalError("refused"), InterfaceError("closed")])
async def test_a_database_that_is_away_is_an_error_of_the_chats(error: Exception) -> None:
    """It says nothing of the database's address. What the database refuses stays what it is."""
    with pytest.raises(AccountsUnreachable):
        await in_database(failing, error)
    with pytest.raises(IntegrityError):
        await in_database(failing, IntegrityError())
    assert await in_database(divmod, 7, 2) == (3, 1)


@pytest.mark.parametrize("error", [OperationalError(), InterfaceError(), AccountsUnreachable()])
def test_a_page_that_fails_for_it_is_a_sentence(error: Exception) -> None:
    """With status 503, since trying again may help; other errors are left to Django."""
    middleware = OutageMiddleware(view)
    answer = middleware.process_exception(AsyncRequestFactory().get("/admin/"), error)
    assert answer is not None
    assert (answer.status_code, b"The accounts cannot be reached." in answer.content) == (503, True)
    assert middleware.process_exception(AsyncRequestFactory().get("/admin/"), ValueError()) is None
