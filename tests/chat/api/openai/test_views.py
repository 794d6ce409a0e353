"""The views, over scripted runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory

from chat.api.openai import views
from chat.domain.events import TextDelta, TurnFailed, TurnFinished, TurnStarted
from chat.domain.runs import Entry
from chat.domain.session_ids import Session
from chat.sockets.open_sockets import OpenSockets
from chat.web.page_limit import PageLimit
from chat.web.tokens import issue_token
from tests.chat.api.scripted_runs import ScriptedRuns
from tests.support.grants import OpenGrants

STARTED, HI, END = TurnStarted("t", "hi", "web.1", 1), TextDelta("Hi, Bob."), TurnFinished("Hi, Bob.")
BODY = {"messages": [{"role": "user", "content": "hi"}], "metadata": {"session": "trip"}}


class Runs(ScriptedRuns):
    """Runs that also record where a turn was begun."""

    def __init__(self, *script: Any) -> None:
        super().__init__(*script)
        self.sessions: list[str] = []
        self.read = asyncio.Event()

    async def tail(self, session: Session, turn_id: str) -> AsyncGenerator[Entry]:
        async with aclosing(super().tail(session, turn_id)) as entries:
            async for entry in entries:
                yield entry
                self.read.set()  # and the next is awaited

    async def ended(self, session: Session) -> list[str]:
        return []

    async def start(self, session: Session, text: str, turn_id: str, **of: Any) -> Any:
        self.sessions.append(session.memory_id)
        return await super().start(session, text, turn_id, **of)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Runs]:
    """The runs that the views use; no socket is left open by them."""
    settings.CHAT_MODEL = "small"
    runs, sockets = Runs(STARTED, HI, END), OpenSockets(1, 1)
    monkeypatch.setattr(views, "components", lambda: SimpleNamespace(runs=runs, grants=OpenGrants()))
    monkeypatch.setattr(views, "open_sockets", lambda: sockets)
    yield runs
    assert (len(sockets), runs.listeners) == (0, 0)


async def ask(body: Any = BODY, owner: str = "bob", **headers: str) -> Any:
    """The answer to a POST of ``body`` (JSON, or bytes) by ``owner`` ("": nobody)."""
    if owner:
        headers["Authorization"] = f"Bearer {issue_token(owner, timedelta(hours=1))}"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = AsyncRequestFactory().post("/v1/chat/completions", data, "application/json", headers=headers)
    return await views.completions(request)


def json_of(answer: HttpResponse) -> Any:
    return json.loads(answer.content)


async def test_a_message_is_answered(runs: Runs):
    """In the owner's session, and with the name of the model that answered."""
    answer = json_of(await ask({**BODY, "model": "gpt-4o"}))
    assert (answer["choices"][0]["message"]["content"], answer["model"]) == ("Hi, Bob.", "small")
    assert runs.sessions == ["bob.trip"]
    assert answer["memory"]["turn"] == runs.started[0]


async def test_an_answer_streams(runs: Runs):
    """As server-sent events."""
    answer = await ask({**BODY, "stream": True})
    said = b"".join([part async for part in answer])
    assert b'"content":"Hi, Bob."' in said
    assert said.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(("header", "session"), [("X-Session-Id", "x"), ("X-OpenWebUI-Chat-Id", "6b0c-1")])
async def test_a_header_names_the_session(runs: Runs, header: str, session: str):
    """For client libraries and chat fronts that cannot send metadata."""
    await ask({**BODY, "metadata": {}}, **{header: session})
    assert runs.sessions == [f"bob.{session}"]


async def test_a_failure_before_the_first_word_has_a_status(runs: Runs):
    """Also of a stream, so that client libraries try again."""
    runs.script = (STARTED, TurnFailed("model_unreachable", "The model cannot be reached.", retryable=True))
    for stream in (True, False):
        answer = await ask({**BODY, "stream": stream})
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (503, "model_unreachable")


async def test_a_failure_in_the_middle_of_a_whole_answer_has_a_status(runs: Runs):
    """No text of it was sent."""
    runs.script = (STARTED, HI, TurnFailed("model_stalled", "It broke off.", retryable=True))
    assert (await ask()).status_code == 502


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "invalid_request"),
        (b" " * (views.MAX_BODY + 1), {}, 413, "invalid_request"),
        (BODY, {"Idempotency-Key": "k" * 256}, 400, "invalid_request"),
        ({**BODY, "metadata": {"session": "a b"}}, {}, 400, "invalid_session"),
        ({**BODY, "messages": [{"role": "user", "content": "ho"}]}, {"Idempotency-Key": "k"}, 409, "turn_conflict"),
    ],
)
async def test_a_mistake_is_refused(runs: Runs, body: Any, headers: dict[str, str], status: int, code: str):
    """With the status and code of its error."""
    answer = await ask(body, **headers)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (status, code)


async def test_a_token_is_needed(runs: Runs):
    """A cookie is not one."""
    for view in (views.models, views.completions):
        method = "GET" if view is views.models else "POST"
        request = AsyncRequestFactory().generic(method, "/v1/x", headers={"Cookie": "owner=bob"})
        assert cast(Any, await view(request)).status_code == 401
    assert runs.started == []


async def test_answers_at_the_same_time_are_limited(runs: Runs):
    """As open websockets are; a client that leaves makes room."""
    runs.script = (STARTED, HI, asyncio.Event())
    answer = await ask({**BODY, "stream": True})
    parts = aiter(answer)
    await anext(parts)
    assert (await ask()).status_code == 429
    await cast(Any, parts).aclose()
    assert runs.stopped == []


async def test_a_client_can_stop_its_answer_by_leaving(runs: Runs):
    """Only if it says so."""
    runs.script = (STARTED, HI, asyncio.Event())
    asking = asyncio.create_task(ask(**{"X-On-Disconnect": "stop"}))
    await runs.read.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert runs.stopped == runs.started


async def models(view: Any, *args: str) -> HttpResponse:
    headers = {"Authorization": f"Bearer {issue_token('bob', timedelta(hours=1))}"}
    answer = await view(AsyncRequestFactory().get("/v1/models", headers=headers), *args)
    assert isinstance(answer, HttpResponse)
    return answer


async def test_the_model_is_listed(runs: Runs):
    """It is the only one."""
    (listed,) = json_of(await models(views.models))["data"]
    assert listed == json_of(await models(views.model, "small"))
    assert listed["id"] == "small"
    missing = await models(views.model, "gpt-4o")
    assert (missing.status_code, json_of(missing)["error"]["param"]) == (404, "model")


async def test_the_stand_in_has_a_name_of_its_own(runs: Runs, settings: Any):
    """It answers whatever model it is asked for."""
    settings.CHAT_PUBLIC_STANDIN_URL = "http://127.0.0.1:8081/v1"
    assert json_of(await models(views.models))["data"][0]["id"] == "stand-in"
    assert json_of(await ask())["model"] == "stand-in"


async def test_looking_at_models_is_limited(runs: Runs, monkeypatch: pytest.MonkeyPatch):
    """As opening pages is."""
    limit = PageLimit(1, 0)
    monkeypatch.setattr(views, "page_limit", lambda: limit)
    assert [(await models(views.models)).status_code for _ in range(2)] == [200, 429]


async def test_another_path_is_not_a_page(runs: Runs):
    """Whatever the method."""
    for method in ("GET", "POST"):
        answer = await views.unknown(AsyncRequestFactory().generic(method, "/v1/embeddings"), "embeddings")
        assert cast(Any, answer).status_code == 404
