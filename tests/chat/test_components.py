"""This process's components, and that they close everything."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from chat.components import DEFAULT_REDIS_URL, Components, _disk_is_full, build_model, components, redis_url
from chat.domain.events import TurnFinished
from chat.domain.session_ids import owned_session
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.ports import until
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, run_alone

SESSION = owned_session("owner", "s")
#: Loads what a management command loads, and then says whether LangChain's client of models is among it.
COMMAND = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
import django
django.setup()
import chat.components
print("langchain_openai" in sys.modules)
"""


def sockets() -> set[str]:
    """Every socket of this process."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if (target := os.readlink(each)).startswith("socket:"):
                found.add(target)
    return found


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("redis://127.0.0.1:6379", True),
        ("unix:///run/valkey.sock", True),
        ("redis://store.example:6379", False),
        ("redis+sentinel://127.0.0.1:26379/mymaster", False),
    ],
)
def test_a_full_disk_is_that_of_a_redis_on_this_machine(settings: Any, address: str, here: bool) -> None:
    """What sentinels know may be anywhere."""
    settings.REDIS_URL, settings.DISK_IS_FULL = address, lambda: True
    assert _disk_is_full() == here


def test_a_command_loads_no_client_of_models(tmp_path: Path) -> None:
    """LangChain's would double the time that a management command takes."""
    done = run_alone([sys.executable, "-c", COMMAND], tmp_path)
    assert done.stdout == "False\n", done.stderr


async def test_a_process_that_ends_leaves_no_connection_and_no_task(
    settings: Any, redis_url: str, scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing the components after a turn closes all connections and ends all tasks."""
    monkeypatch.setattr("chat.memory.transport.IDLE", 3600)  # otherwise an idle connection would soon be closed anyway
    with OriginalMotorhead() as server:
        settings.MOTORHEAD_URL, settings.REDIS_URL = server.url, redis_url
        settings.OPENAI_BASE_URL = scripted_openai.url
        before, tasks = sockets(), asyncio.all_tasks()
        parts: Components = components.__wrapped__()
        with parts.bells.listen(SESSION) as bell:
            await parts.bells.ring(SESSION)
            await parts.runs.start(SESSION, "hi", "t1", visitor="owner")
            await bell.wait(10 * PATIENCE)
            events = [entry.event async for entry in parts.runs.tail(SESSION, "t1")]
        assert isinstance(events[-1], TurnFinished)
        assert sockets() > before
        await parts.runs.abandon()
        await parts.aclose()

        async def closed() -> bool:
            return sockets() <= before and asyncio.all_tasks() <= tasks

        await until(closed, 3)  # an idle connection to the model closes after 15 s


async def test_parts_that_nobody_used_close_as_well(settings: Any) -> None:
    """Unused components can be closed, even twice."""
    parts: Components = components.__wrapped__()
    await parts.aclose()
    await parts.aclose()


async def test_a_deployment_on_azure_is_asked_if_there_is_one(settings: Any, scripted_openai: ScriptedOpenAI) -> None:
    """Azure comes before the model's other address, as in the memory server."""
    settings.AZURE_API_BASE, settings.AZURE_API_KEY = scripted_openai.url.removesuffix("/v1"), "k"
    settings.AZURE_DEPLOYMENT_ID, settings.AZURE_API_VERSION = "d", "2024-10-21"
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    model = build_model()
    assert "".join([str(piece) async for piece in model.stream_reply([HumanMessage("hi")])]) == "You said: hi"
    assert scripted_openai.requests[0].path == "/openai/deployments/d/chat/completions"
    await model.aclose()


def test_the_redis_that_the_supervisor_started_is_found(settings: Any, tmp_path: Path) -> None:
    """A configured one comes first; without either, it is the default."""
    settings.DATA, settings.REDIS_URL = tmp_path, ""
    assert redis_url() == DEFAULT_REDIS_URL
    (tmp_path / "serve.json").write_text(json.dumps({"redis": "redis://:secret@127.0.0.1:1/0"}))
    assert redis_url() == "redis://:secret@127.0.0.1:1/0"
    settings.REDIS_URL = "redis://configured"
    assert redis_url() == "redis://configured"
