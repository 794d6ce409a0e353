"""LangChain's unmodified Python client: `MotorheadMemory`, `LLMChain`, `PromptTemplate`, `OpenAI()`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ai_sdk.sockets import visit
from tests.langchain.classic import LINES, documented, exported, is_right, remembered
from tests.support.html import parse
from tests.support.servers import CONFIGURATION, PATIENCE, PROXIES, REPOSITORY, Site, clean_environment
from tests.support.staff import Staff

TEMPLATE = "You are a chatbot.\n\n{chat_history}\nHuman: {human_input}\nAI:"

# LangChain deprecates each of these classes, but users of Motörhead have them in their code.
pytestmark = pytest.mark.filterwarnings("ignore::langchain_core._api.deprecation.LangChainDeprecationWarning")


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Import LangChain's modules, and undo the changes that they make to the warning filters."""
    with warnings.catch_warnings(action="ignore"):
        import_module("langchain_classic.chains")
        import_module("langchain_community.memory.motorhead_memory")


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without proxies and settings, but with the key that `OpenAI()` requires."""
    for name in [*os.environ]:
        if name in PROXIES or name.startswith(CONFIGURATION):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", "none")


@dataclass(frozen=True)
class Client:
    """A user's program. A new instance knows only what the memory server remembers."""

    chain: Any
    memory: Any

    def say(self, text: str) -> str:
        """The answer to ``text``."""
        return str(self.chain.invoke({"human_input": text})["text"]).strip()


def start_client(site: Site, memory_id: str, template: str = TEMPLATE) -> Client:
    """The classic chain, with the memory loaded; ``{summary}`` in the template is the running summary."""
    from langchain_classic.chains import LLMChain
    from langchain_community.memory.motorhead_memory import MotorheadMemory
    from langchain_core.prompts import PromptTemplate
    from langchain_openai import OpenAI

    memory = MotorheadMemory(session_id=memory_id, url=site.record()["memory"], memory_key="chat_history")
    asyncio.run(memory.init())
    prompt: Any = PromptTemplate.from_template(template)
    if "summary" in prompt.input_variables:
        prompt = prompt.partial(summary=memory.context or "")
    return Client(LLMChain(llm=OpenAI(base_url=site.record()["model"]), prompt=prompt, memory=memory), memory)


def test_the_example_runs_as_it_stands(site: Site, memory_server: httpx.Client) -> None:
    """The example file recalls Bob, admits that it knows of no dinner, and saves every turn."""
    command = [sys.executable, str(REPOSITORY / "examples" / "hi_im_bob.py"), "the-example", str(site.data)]
    env = clean_environment()
    done = subprocess.run(command, check=False, env=env, capture_output=True, text=True, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stderr
    printed = [line.strip() for line in done.stdout.splitlines()]
    assert printed[::2] == list(LINES)
    assert is_right(printed[1::2])
    said = [
        (role, text)
        for line, answer in zip(LINES, printed[1::2], strict=True)
        for role, text in (("Human", line), ("AI", answer))
    ]
    assert remembered(memory_server, "the-example") == said


@pytest.mark.parametrize(
    ("first_line", "memory_id"),
    [("import asyncio\n\nfrom langchain_classic", "testing-1"), ("from langchain_core.messages", "testing-2")],
    ids=["LangChain's own page", "current LangChain"],
)
def test_the_documented_code_runs_as_it_stands(
    site: Site, memory_server: httpx.Client, tmp_path: Path, first_line: str, memory_id: str
) -> None:
    """With the documented line for the shell, it needs nothing else; its session is remembered."""
    memory_server.delete(f"/sessions/{memory_id}/memory")
    program = tmp_path / "program.py"
    program.write_text(documented("python", first_line, site))
    env = exported(site) | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, str(program)], check=False, env=env, capture_output=True, text=True, timeout=60 * PATIENCE
    )
    assert done.returncode == 0, done.stderr
    answers = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    assert is_right(answers)
    assert [text for _, text in remembered(memory_server, memory_id)] == [
        text for pair in zip(LINES, answers, strict=True) for text in pair
    ]


def test_a_restarted_client_goes_on(site: Site) -> None:
    """`init` loads the messages of an earlier client in order, so the name need not be repeated."""
    first = start_client(site, "restarted")
    assert is_right([first.say(line) for line in LINES])
    second = start_client(site, "restarted")
    loaded = [(message.type, message.content) for message in second.memory.chat_memory.messages]
    assert loaded == [(message.type, message.content) for message in first.memory.chat_memory.messages]
    assert second.say("whats my name?") == "Your name is Bob."


def test_folded_messages_come_with_the_summary(site: Site, memory_server: httpx.Client) -> None:
    """The client leaves the summary to its caller, who can put ``memory.context`` into the prompt."""
    first = start_client(site, "folded")
    for line in ("hi im bob", *(f"tell me about the number {number}" for number in range(5))):
        first.say(line)
    memory_server.post("/sessions/folded/fold", timeout=60 * PATIENCE).raise_for_status()
    assert not any("bob" in text for _, text in remembered(memory_server, "folded"))
    assert "Bob" in start_client(site, "folded").memory.context
    assert start_client(site, "folded").say("whats my name?").startswith("I do not know")
    with_summary = start_client(site, "folded", "Summary of what was said so far:\n{summary}\n\n" + TEMPLATE)
    assert with_summary.say("whats my name?") == "Your name is Bob."


async def test_an_asynchronous_chain_saves_nothing(site: Site, memory_server: httpx.Client) -> None:
    """Users are warned of this limit of the client; if it is fixed, the warning can be removed."""
    client = await asyncio.to_thread(start_client, site, "asynchronous")
    await client.chain.ainvoke({"human_input": "hi im bob"})
    assert remembered(memory_server, "asynchronous") == []


async def test_a_session_of_the_chat_goes_on_in_langchain_and_back(site: Site) -> None:
    """Facts from the chat are known in LangChain under the memory id, and the other way round."""
    visitor = await visit(site)
    async with visitor.socket() as socket:
        await socket.ask("both", "hi im bob")
        client = await asyncio.to_thread(start_client, site, f"{visitor.owner}.both")
        assert await asyncio.to_thread(client.say, "whats my name?") == "Your name is Bob."
        await asyncio.to_thread(client.say, "i live in Ulm")
        assert "Ulm" in (await socket.ask("both", "where do i live?")).text


def test_the_page_offers_the_line_for_the_shell(site: Site) -> None:
    """The line that the documented code needs is on the page while the stand-in answers."""
    page = httpx.get(site.url, trust_env=False, follow_redirects=True, timeout=30 * PATIENCE)
    address = site.record()["model"].replace("127.0.0.1", "localhost")
    assert f"export OPENAI_API_KEY=none OPENAI_BASE_URL={address}" in parse(page.text).text


def test_staff_find_and_read_sessions_of_langchain(site: Site, staff: Staff) -> None:
    """A session started in LangChain is in the admin's list, and opens there and on the page."""
    start_client(site, "for staff").say("hi im bob")
    listed = parse(staff.get("/admin/chat/session/", params={"none": "1"}).text)
    row = next(row for row in listed.rows() if row[2] == "for staff")
    assert row[1:4] == ["hi im bob", "for staff", "2"]
    opened = parse(staff.get(listed.links()["hi im bob"]).text)
    page = staff.get(opened.links()["Read as a page"])
    assert page.status_code == HTTPStatus.OK
    for read in (opened, parse(page.text)):
        assert "hi im bob" in read.text
        assert "Hello, Bob" in read.text
