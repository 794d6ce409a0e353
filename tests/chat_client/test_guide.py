"""The guide to the Python client and its example, run on the site as they stand."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import sys
from typing import Any

import pytest

import chat_client
from chat_client import ChatClient, Session, exceptions
from tests.ai_sdk.sockets import Visitor
from tests.chat_client.reading import said
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY, clean_environment

GUIDE = (REPOSITORY / "docs" / "python-client.md").read_text()
PROGRAM, *EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
EXAMPLE = REPOSITORY / "examples" / "python" / "chat.py"
#: Calls that are only for pages in a browser, which have cookies.
FOR_PAGES = {"post /visit", "delete /visit"}


async def started(visitor: Visitor, *command: str, **env: str) -> asyncio.subprocess.Process:
    """A Python program in a process of its own, with the visitor's token."""
    environment = clean_environment({"TOKEN": visitor.token(), "PYTHONPATH": str(REPOSITORY), **env})
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, *command, env=environment, stdin=pipe, stdout=pipe)


async def output(process: asyncio.subprocess.Process, lines: str = "") -> str:
    """What the program prints until its end, after these lines."""
    async with asyncio.timeout(60 * PATIENCE):
        printed, _ = await process.communicate(lines.encode())
    assert process.returncode == 0
    return printed.decode()


async def test_the_program_of_the_guide_runs(visitor: Visitor, model: ScriptedOpenAI):
    """As somebody would start it."""
    process = await started(visitor, "-c", PROGRAM, URL=visitor.site.url)
    assert await output(process) == "You said: hi im bob"


async def test_the_examples_of_the_guide_run_one_after_another(
    chat: ChatClient, model: ScriptedOpenAI, capsys: pytest.CaptureFixture[str]
):
    """Each continues the one before."""
    await chat.ask("trip", "hi im bob")
    names: dict[str, Any] = {"chat": chat}
    for example in EXAMPLES:
        code = compile(example, "python-client.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        running = eval(code, names)  # noqa: S307 - our own document
        if inspect.iscoroutine(running):
            await running
    assert names["reply"] == "You said: what is the capital of Italy?"
    assert (await said(chat, "trip"))[-1] == "You said: and of France?"
    assert "unknown_session Nothing is remembered of this session." in capsys.readouterr().out


def test_the_guide_names_every_method_and_error():
    """Nobody has to read the code to find one."""
    methods = [name for each in (ChatClient, Session) for name, _ in inspect.getmembers(each, inspect.isfunction)]
    errors = [name for name, each in vars(exceptions).items() if inspect.isclass(each) and issubclass(each, Exception)]
    shown = {*(name for name in methods if not name.startswith("_")), *errors} - {"close"}
    assert [name for name in shown if not re.search(rf"\b{name}\b", GUIDE)] == []
    assert set(errors) | {"ChatClient"} <= set(chat_client.__all__)


def test_the_client_has_every_call_of_the_site():
    """A new call of the HTTP API needs a method here."""
    described = json.loads((REPOSITORY / "docs" / "openapi.json").read_text())
    calls = {f"{method} {path}" for path, methods in described["paths"].items() for method in methods}
    sources = "".join((REPOSITORY / "chat_client" / name).read_text() for name in ("client.py", "session.py"))
    made = re.findall(r'"(GET|POST|PUT|PATCH|DELETE)",\s*(?:"([^"]*)"|self\._path\(([^)]*)\)|path\(([^)]*)\))', sources)
    assert {*map(_described, made)} == calls - FOR_PAGES


def _described(call: tuple[str, str, str, str]) -> str:
    """A call in the client's source as the description has it: variable parts are in braces."""
    method, plain, of_session, other = call
    names = {"message": "message_id", "turn": "turn_id", "share": "share_id"}
    parts = [part.strip() for part in (of_session or other).split(",") if part.strip()]
    written = [part.strip('"') if part.startswith('"') else f"{{{names[part]}}}" for part in parts]
    start = [] if plain or other else ["sessions", "{session_id}"]
    return f"{method.lower()} {plain or '/' + '/'.join([*start, *written])}"


async def test_the_example_chats_in_a_terminal(visitor: Visitor, chat: ChatClient, model: ScriptedOpenAI):
    """It shows the history, answers, shows the memory, answers again, says what is wrong, and forgets."""
    await chat.ask("terminal", "hi im bob")
    model.enqueue("Bob.", "Of course: Bob.", Reply(status=401))
    process = await started(visitor, str(EXAMPLE), visitor.site.url)
    printed = await output(process, "whats my name?\n/memory\n/again\nmore\n\n/forget\n")
    assert printed.startswith("> hi im bob\nYou said: hi im bob\n> Bob.\n")
    for line in ("(4 messages are kept", "Of course: Bob.", "The model refused the key", "/memory: the", "Forgotten."):
        assert line in printed
    assert await said(chat, "terminal") == []


async def test_the_example_shows_an_answer_in_progress_and_stops_it(
    visitor: Visitor, chat: ChatClient, model: ScriptedOpenAI
):
    """Ctrl-C stops the answer, and nothing else."""
    model.enqueue(Reply("one two", gate=(gate := Gate()), gate_at=1))
    asking = asyncio.create_task(chat.ask("terminal", "count"))
    await gate.reached()
    process = await started(visitor, str(EXAMPLE), visitor.site.url, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    async with asyncio.timeout(60 * PATIENCE):
        assert await process.stdout.readuntil(b"one ") == b"> count\none "
    process.send_signal(2)
    assert await asking == "one "
    assert (await output(process, "/memory\n")).endswith("kept word for word, of at most 12)\n> ")
