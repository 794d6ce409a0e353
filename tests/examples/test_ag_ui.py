"""The example with AG-UI's own client, in Node."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from subprocess import PIPE
from typing import IO

import pytest

from tests.examples.conftest import EXAMPLES, OWNER, World
from tests.support.node import NODE, install
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import clean_environment
from tests.support.staff import manage

pytestmark = pytest.mark.node

FOLDER = EXAMPLES / "ag_ui"


class Terminal:
    """The example in a terminal, in the session ``agent``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._in: IO[str] = process.stdin
        self._out: IO[str] = process.stdout

    def type(self, line: str) -> None:
        """Type a line."""
        self._in.write(f"{line}\n")
        self._in.flush()

    def reads(self, text: str) -> None:
        """Wait for a text, which is the next one that appears."""
        shown = ""
        while len(shown) < len(text) or not shown.endswith(text):
            some = self._out.read(1)
            assert some, f"It ended after {shown!r}."
            shown += some


@pytest.fixture
def token(whole_world: World) -> str:
    """A token of the examples' user."""
    return manage(whole_world.site, "issue_token", "--owner", OWNER).strip()


@pytest.fixture
def terminal(whole_world: World, token: str) -> Iterator[Terminal]:
    """The example, begun."""
    install(FOLDER)
    settings = {"CHAT_URL": whole_world.site.url, "CHAT_TOKEN": token, "SESSION": "agent"}
    with subprocess.Popen(
        [NODE, "chat.mjs"], cwd=FOLDER, env=clean_environment(settings), stdin=PIPE, stdout=PIPE, text=True
    ) as process:
        yield Terminal(process)
        process.kill()


def test_a_killed_worker_loses_nothing(terminal: Terminal, world: World):
    """The example says that the answer begins again, and shows the summary when it is asked."""
    world.model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2), "the whole answer")
    terminal.type("tell me")
    terminal.reads("lost words")
    world.kill_the_answering("agent")
    terminal.reads("the whole answer\n")
    assert world.remembered("agent") == ["tell me", "the whole answer"]
    terminal.type("/memory")
    terminal.reads("Nothing is summarised yet.\n")
