"""LangChain's unmodified JavaScript client: `MotorheadMemory` from ``@langchain/community``, on Node."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.langchain.classic import LINES, documented, exported, is_right, remembered
from tests.support.node import NODE, install
from tests.support.servers import PATIENCE, REPOSITORY, Site, clean_environment

HERE = Path(__file__).resolve().parent

pytestmark = pytest.mark.node


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """The client's npm packages."""
    install(HERE)


@dataclass(frozen=True)
class Output:
    """The output of one run: (type, text) of each loaded message, the summary, and the answers."""

    loaded: list[list[str]]
    context: str | None
    answers: list[str]


def run_client(site: Site, memory_id: str, *lines: str, **settings: str) -> Output:
    """Run the client on a session, and send ``lines``. ``settings`` are environment variables."""
    where = site.record()
    command = [str(NODE), str(HERE / "client.mjs"), where["memory"], where["model"], memory_id, *lines]
    env = clean_environment(settings)
    done = subprocess.run(command, check=False, env=env, capture_output=True, text=True, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return Output(**json.loads(done.stdout))


def test_the_classic_lines_are_answered_and_saved(site: Site, memory_server: httpx.Client) -> None:
    """The classic example also works in JavaScript, and every turn is remembered once, in order."""
    output = run_client(site, "in-javascript", *LINES)
    assert output.loaded == []
    assert is_right(output.answers)
    said = [
        pair for line, answer in zip(LINES, output.answers, strict=True) for pair in (("Human", line), ("AI", answer))
    ]
    assert remembered(memory_server, "in-javascript") == said


def test_the_documented_code_runs_as_it_stands(site: Site, memory_server: httpx.Client) -> None:
    """With the documented line for the shell, it needs nothing else."""
    memory_server.delete("/sessions/testing-1/memory")
    command = [str(NODE), "--input-type=module", "--eval", documented("js", "import { MotorheadMemory }", site)]
    done = subprocess.run(
        command, check=False, cwd=HERE, env=exported(site), capture_output=True, text=True, timeout=60 * PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert is_right(done.stdout.splitlines())
    assert len(remembered(memory_server, "testing-1")) == 6


def test_a_restarted_client_goes_on(site: Site, memory_server: httpx.Client) -> None:
    """`init` loads messages of any client, oldest first, and the summary of those no longer in the window."""
    said = [
        {"role": role, "content": content}
        for content_and_answer in (("hi im bob", "Hello, Bob."), ("i live in Ulm", "Noted."))
        for role, content in zip(("Human", "AI"), content_and_answer, strict=True)
    ]
    posted = {"messages": said, "context": "The human's dog is called Rex."}
    memory_server.post("/sessions/begun-elsewhere/memory", json=posted).raise_for_status()
    output = run_client(site, "begun-elsewhere", "whats my name?", "where do i live?")
    types = {"Human": "human", "AI": "ai"}
    assert output.loaded == [[types[message["role"]], message["content"]] for message in said]
    assert output.context == "The human's dog is called Rex."
    assert output.answers[0] == "Your name is Bob."
    assert "Ulm" in output.answers[1]


def test_n8ns_node_remembers(site: Site, memory_server: httpx.Client) -> None:
    """It constructs the client with the hosted service's path and keys; its next run loads what this one saved."""
    assert run_client(site, "n8n", "hi im bob", N8N="1").loaded == []
    [(_, answer)] = [pair for pair in remembered(memory_server, "n8n") if pair[0] == "AI"]
    assert run_client(site, "n8n", N8N="1").loaded == [["human", "hi im bob"], ["ai", answer]]


def test_the_documented_packages_are_the_tested_ones() -> None:
    """Readers install the same versions that the tests use."""
    packages: dict[str, str] = json.loads((HERE / "package.json").read_text())["dependencies"]
    page = (REPOSITORY / "docs" / "langchain.md").read_text()
    assert all(f"{name}@{version}" in page for name, version in packages.items())
