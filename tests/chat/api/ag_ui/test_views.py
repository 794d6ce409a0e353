"""Streams of events that end early; the rest is tested on a whole site, in `tests.ag_ui`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from chat.api.ag_ui import views
from chat.api.ag_ui.answer import run_started
from chat.api.ag_ui.following import Placed
from chat.api.ag_ui.offsets import Offset
from chat.api.connection import COMMENT
from chat.api.waiting import Waiting
from chat.domain.exceptions import RunLogUnreachable
from chat.metrics import metrics

STARTED = run_started("s", "r")


async def events(*script: Exception | asyncio.Event) -> AsyncGenerator[Placed]:
    for step in script:
        if isinstance(step, Exception):
            raise step
        await step.wait()
        yield None, STARTED


async def sent(*script: Exception | asyncio.Event) -> list[str]:
    waiting = Waiting(events(*script), asyncio.get_running_loop().create_future())
    return [part.decode() async for part in views.stream(waiting, (Offset("s", 1, 0, 0), STARTED), "r")]


def counted(label: str) -> float:
    """How often this process has counted the error with these labels."""
    found = (line.rpartition(" ") for line in metrics().errors.samples())
    return sum(float(value) for name, _, value in found if label in name)


async def test_an_event_has_its_offset_and_one_line():
    """Each ends with an empty line, as clients expect; an event without an offset has none."""
    go = asyncio.Event()
    go.set()
    first, second = await sent(go)
    assert first.startswith('id: s.1.0.0\ndata: {"type":"RUN_STARTED"')
    assert second.startswith('data: {"type":"RUN_STARTED"')
    assert first.endswith("}\n\n")
    assert second.count("\n") == 2


@pytest.mark.parametrize(("error", "code"), [(RunLogUnreachable(), "run_log_unreachable"), (ValueError(), "internal")])
async def test_an_error_in_the_middle_is_the_last_event(error: Exception, code: str):
    """The status was sent, so that it cannot tell. It is counted as any other that a client is shown."""
    label = f'door="http",code="{code}"'
    before = counted(label)
    last = (await sent(error))[-1]
    assert counted(label) == before + 1
    event: dict[str, Any] = json.loads(last.removeprefix("data: "))
    assert (event["type"], event["code"]) == ("RUN_ERROR", code)


async def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch):
    """So that nothing between here and the client takes the connection for dead."""
    monkeypatch.setattr(views, "SILENCE", 0.001)
    go = asyncio.Event()
    waiting = Waiting(events(go), asyncio.get_running_loop().create_future())
    stream = views.stream(waiting, None, "r")
    assert {await anext(stream) for _ in range(3)} == {COMMENT}
    go.set()
    while (part := await anext(stream)) == COMMENT:
        pass
    assert b"RUN_STARTED" in part
    await stream.aclose()
