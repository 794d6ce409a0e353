"""What all answers of the door have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncRequestFactory

from chat.api.openai.door import answered, door
from chat.domain.exceptions import InvalidSession, TooManyTurns


def view_that_raises(error: Exception | None = None) -> Callable[..., Coroutine[Any, Any, HttpResponseBase]]:
    @door("POST")
    async def view(request: HttpRequest) -> HttpResponseBase:
        if error is not None:
            raise error
        return answered({"said": "hi"})

    return view


async def asked(error: Exception | None = None, method: str = "POST") -> HttpResponse:
    answer = await view_that_raises(error)(AsyncRequestFactory().generic(method, "/v1/x"))
    assert isinstance(answer, HttpResponse)
    return answer


async def test_an_answer_is_json_that_is_not_stored():
    """Also not by a proxy."""
    answer = await asked()
    assert (answer.status_code, json.loads(answer.content)) == (200, {"said": "hi"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(InvalidSession(), 400, "invalid_session"), (ZeroDivisionError("secret"), 500, "internal")],
)
async def test_an_error_has_openais_shape(error: Exception, status: int, code: str):
    """One that nobody foresaw is not shown."""
    answer = await asked(error)
    assert (answer.status_code, json.loads(answer.content)["error"]["code"]) == (status, code)
    assert b"secret" not in answer.content


async def test_an_error_has_its_headers():
    """They say when to try again."""
    assert (await asked(TooManyTurns(3, 20)))["Retry-After"] == "20"


async def test_other_methods_are_refused_but_a_browser_may_ask():
    """In words."""
    refused = await asked(method="GET")
    assert (refused.status_code, json.loads(refused.content)["error"]["message"]) == (405, "This path takes only POST.")
    assert (await asked(method="OPTIONS")).status_code == 204
