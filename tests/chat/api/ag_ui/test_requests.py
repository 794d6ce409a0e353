"""The requests in inputs and addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.ag_ui.following import Run
from chat.api.ag_ui.inputs import RunAgentInput, decode
from chat.api.ag_ui.offsets import Offset
from chat.api.ag_ui.requests import request_of, run_in, run_of
from chat.api.codec import Asked, ResumeRequest, SendRequest, WatchRequest

HI = {"id": "m", "role": "user", "content": "hi"}


def sent(*messages: Any, **fields: Any) -> RunAgentInput:
    run = decode(json.dumps({"threadId": "s", "runId": "r", "messages": list(messages), **fields}))
    assert isinstance(run, RunAgentInput)
    return run


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        (sent(HI), SendRequest("r", "s", "hi", "r")),
        (sent(), ResumeRequest("r", "s", past=True)),
        (sent(HI, forwardedProps={"watch": "memory"}), WatchRequest("r", "s")),
    ],
)
def test_a_run_sends_shows_or_watches(run: RunAgentInput, asked: Asked):
    """A message of the user is answered in a turn with the run's name."""
    assert request_of(run) == asked


def test_a_client_that_may_lack_something_gets_a_snapshot():
    """One without a message, or with part of the answer."""
    assert not run_of(sent(HI)).resumed
    assert run_of(sent()).resumed
    assert run_of(sent(HI, {"id": "r.reply", "role": "assistant", "content": "He"})).resumed


@pytest.mark.parametrize(
    ("query", "run"),
    [
        ({}, None),
        ({"runId": "r"}, None),
        ({"offset": "-1"}, None),
        ({"runId": "r", "offset": "-1"}, Run("", "r", resumed=True)),
        ({"runId": "r", "offset": "-1", "threadId": "s"}, Run("s", "r", resumed=True)),
        ({"runId": "r", "offset": "s.1.2.3"}, Run("s", "r", Offset("s", 1, 2, 3), resumed=True)),
        ({"runId": "r", "offset": "s.1.2.3", "threadId": "o"}, Run("o", "r", Offset("s", 1, 2, 3), resumed=True)),
    ],
)
def test_an_address_asks_for_what_follows_an_offset(query: dict[str, str], run: Run | None):
    """In the session that it names, or else the offset."""
    assert run_in({name: [value] for name, value in query.items()}) == run
