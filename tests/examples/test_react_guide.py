"""The guide *React in five minutes*: its files and commands, as they stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.examples.conftest import EXAMPLES, World
from tests.examples.lost_chat import losable_chat
from tests.support.node import NODE, install
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import REPOSITORY, free_port, running, start, wait_for_http

pytestmark = [pytest.mark.browser, pytest.mark.node]

GUIDE = (REPOSITORY / "docs" / "react.md").read_text()
FILES = dict(re.findall(r"^`([\w.]+)`.*?\n```\w+\n(.*?)```", GUIDE, re.MULTILINE | re.DOTALL))
COMMANDS = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
PACKAGES = dict(re.findall(r" ((?:@[\w-]+/)?[\w-]+)@(\d+)", COMMANDS))


@pytest.fixture(scope="module")
def address(whole_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The guide's page, on the packages of the example: they are the ones that its command installs."""
    folder = tmp_path_factory.mktemp("my-chat")
    command = follow_the_guide(folder, whole_world.site.url, whole_world.ports["quickstart"])
    with whole_world.serving("quickstart", command, folder, folder / "log") as address:
        yield address


def follow_the_guide(folder: Path, chat: str, port: int) -> list[object]:
    """The command that serves the page of the guide, whose files are then in ``folder``."""
    install(EXAMPLES / "react")
    (folder / "node_modules").symlink_to(EXAMPLES / "react" / "node_modules")
    for name, text in FILES.items():
        here = text.replace("127.0.0.1:8000", chat.removeprefix("http://")).replace("5173", str(port))
        here = here.replace("'trip'", "'guide'")  # another example has the other one
        (folder / name).write_text(here)
    return [NODE, folder / "node_modules" / "vite" / "bin" / "vite.js"]


def test_the_page_of_the_guide_remembers(address: str, open_page: Callable[[str], Page], world: World):
    """After a reload, and although the worker that answers is killed."""
    page = open_page(address)
    said = page.locator("form > p:not(:last-of-type)")
    page.get_by_label("Message").fill("hi im bob")
    page.get_by_label("Message").press("Enter")
    expect(said).to_have_text(["user: hi im bob", "assistant: You said: hi im bob"])
    world.model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2), "Your name is Bob.")
    page.get_by_label("Message").fill("whats my name?")
    page.get_by_label("Message").press("Enter")
    expect(said.last).to_have_text("assistant: lost words")
    world.kill_the_answering("guide")
    expect(said.last).to_have_text("assistant: Your name is Bob.")
    page.reload()
    expect(said).to_have_text(
        ["user: hi im bob", "assistant: You said: hi im bob", "user: whats my name?", "assistant: Your name is Bob."]
    )


def test_the_page_of_the_guide_waits_until_the_chat_is_back(
    address: str, open_page: Callable[[str], Page], world: World
):
    """Then the answer goes on, and a message that was lost on its way is sent again. Each is remembered once."""
    page = open_page("about:blank")
    chat = losable_chat(page)
    page.goto(address)
    before = len(world.remembered("guide"))
    said = page.locator("form > p:not(:last-of-type)")
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1))
    page.get_by_label("Message").fill("count")
    page.get_by_label("Message").press("Enter")
    expect(said.last).to_have_text("assistant: one ")
    chat.lose(tries=3)
    gate.release()
    expect(said.last).to_have_text("assistant: one two")
    chat.lose(tries=3)
    page.get_by_label("Message").fill("are you there?")
    page.get_by_label("Message").press("Enter")
    expect(said.last).to_have_text("assistant: You said: are you there?")
    assert world.remembered("guide")[before:] == ["count", "one two", "are you there?", "You said: are you there?"]


def test_the_server_of_the_guide_outlives_the_chat(tmp_path: Path):
    """A ticket that cannot be bought does not end it."""
    port = free_port()
    command = follow_the_guide(tmp_path, f"http://127.0.0.1:{free_port()}", port)
    url = f"http://127.0.0.1:{port}"
    with running(start([str(part) for part in command], url, log=tmp_path / "log", env={}, cwd=tmp_path)) as server:
        wait_for_http(server)
        with httpx.Client(base_url=url, trust_env=False) as client:
            for _ in range(2):
                with pytest.raises(httpx.RemoteProtocolError):
                    client.post("/ticket")
            assert client.get("/").status_code == 200


def test_the_commands_of_the_guide_do_what_the_test_does():
    """Its packages are those of the example, and the rest is the set-up of the tests' site, word for word."""
    asked = json.loads((EXAMPLES / "react" / "package.json").read_text())
    wanted = {
        name: version.split(".")[0] for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items()
    }
    assert {**PACKAGES, "@vitejs/plugin-react": wanted["@vitejs/plugin-react"]} == wanted
    assert set(FILES) == {"index.html", "main.jsx", "vite.config.mjs"}
    for command in (
        "CHAT_ALLOWED_ORIGINS=http://127.0.0.1:5173 scripts/serve",
        "manage.py issue_token --tenant acme",
        "npx vite",
    ):
        assert command in COMMANDS
